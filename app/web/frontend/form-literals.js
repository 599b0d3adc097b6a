/* form-js translates its words but for these: they are wrapped when the bundle is built. An upgrade that changes one
   stops the build, because otherwise a Chinese form would show it in English. */
const LITERALS = [
  ["valueLabel || 'Select'", "valueLabel || translateLiteral('Select')"],
  ['children: "Browse"', "children: translateLiteral('Browse')"],
  ["placeholder: 'Search'", "placeholder: translateLiteral('Search')"],
];

export default function formLiterals(runtime) {
  return {
    name: 'form-literals',
    transform(code, id) {
      if (!/form-js-viewer\/dist\/index\.es\.js/.test(id)) return undefined;
      const changed = LITERALS.reduce((text, [literal, wrapped]) => {
        if (!text.includes(literal)) this.error(`form-js no longer says ${literal}: see form-literals.js`);
        return text.replaceAll(literal, wrapped);
      }, code);
      return { code: `import { translate as translateLiteral } from ${JSON.stringify(runtime)};\n${changed}`, map: null };
    },
  };
}
