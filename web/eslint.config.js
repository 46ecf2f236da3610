import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-shadow": "error",
      "no-use-before-define": ["error", { functions: false, variables: false }],
      "no-param-reassign": "error",
      "consistent-return": "error",
      "no-implicit-coercion": "error",
      // Text is set as text, whatever is in it.
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "use element() of shared/elements.js" },
        { property: "outerHTML", message: "use element() of shared/elements.js" },
        { property: "insertAdjacentHTML", message: "use element() of shared/elements.js" },
      ],
      "no-eval": "error",
      "no-implied-eval": "error",
    },
  },
  // The core knows no document and no window: a browser's names are unknown there.
  { files: ["core/**"], languageOptions: { globals: { atob: "readonly" } } },
  { files: ["core/**"], rules: { "no-restricted-imports": ["error", { patterns: ["../*"] }] } },
  { files: ["graph/**", "play/**", "text/**", "training/**", "shared/**"], languageOptions: { globals: globals.browser } },
  { files: ["check/**", "test/**", "*.js"], languageOptions: { globals: globals.nodeBuiltin } },
];
