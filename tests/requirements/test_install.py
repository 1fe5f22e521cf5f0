from requirements.install import pip_settings, uv_environment

LISTED = """\
:env:.timeout='60'
:env:.find-links='wheels more-wheels'
global.timeout='15'
global.index-url='https://packages.firm.example/simple'
install.extra-index-url='https://one.example/simple https://two.example/simple'
freeze.timeout='1'
"""


def test_the_environment_goes_before_files() -> None:
    assert pip_settings(LISTED) == {
        "timeout": "60",
        "find-links": "wheels more-wheels",
        "index-url": "https://packages.firm.example/simple",
        "extra-index-url": "https://one.example/simple https://two.example/simple",
    }


def test_no_settings() -> None:
    assert pip_settings("") == {}


def test_uv_is_told_what_pip_knows() -> None:
    assert uv_environment(pip_settings(LISTED), {}) == {
        "UV_DEFAULT_INDEX": "https://packages.firm.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_FIND_LINKS": "wheels,more-wheels",
        "UV_HTTP_TIMEOUT": "60",
    }


def test_what_uv_was_told_itself_stays() -> None:
    told = uv_environment({"index-url": "https://one.example/simple", "cert": "ca.pem"}, {"UV_DEFAULT_INDEX": "https://two.example/simple"})
    assert told == {"SSL_CERT_FILE": "ca.pem"}
