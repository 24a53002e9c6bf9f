window.onload = () => {
  window.ui = SwaggerUIBundle({
    // Relative to the page, so that a proxy may serve all this below a prefix.
    url: "../openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    persistAuthorization: true,
    presets: [SwaggerUIBundle.presets.apis],
    tryItOutEnabled: true,
    validatorUrl: "none",
  });
};
