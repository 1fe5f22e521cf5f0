// Starts the page of the API's documentation. In a file of its own, as the page allows no script inside it.
window.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis],
    // Without this the page would send the document to a public validator.
    validatorUrl: null,
  });
});
