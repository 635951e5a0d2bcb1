import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// A room may import those before it in this list, never after; features do not know each other.
const ROOMS = ["lib", "api", "ui", "charts", "features", "pages", "app"];
const walls = ROOMS.map((room, at) => ({
  files: [`src/${room}/**/*.{ts,tsx}`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          { group: ["../*"], message: "Import by room: @/room/file." },
          ...ROOMS.slice(at + 1).map((above) => ({
            group: [`@/${above}/*`],
            message: `${room} may not import ${above}.`,
          })),
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ["node_modules", "dist", "src/api/schema.d.ts", "test-results", "playwright-report"] },
  ...tseslint.configs.strict,
  hooks.configs.flat.recommended,
  ...walls,
  {
    rules: {
      "max-lines": ["error", { max: 250, skipBlankLines: true }],
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "MemberExpression[property.name='toFixed'], MemberExpression[property.name='toLocaleString']",
          message: "Numbers are formatted in lib/format.ts alone.",
        },
      ],
    },
  },
  { files: ["e2e/**"], rules: { "react-hooks/rules-of-hooks": "off" } }, // a fixture's `use` is none
  { files: ["src/lib/format.ts", "src/lib/time.ts"], rules: { "no-restricted-syntax": "off" } },
);
