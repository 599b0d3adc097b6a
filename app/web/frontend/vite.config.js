import { copyFileSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import formLiterals from './form-literals.js';
import icons from './icons.json' with { type: 'json' };

const here = import.meta.dirname;
const dist = resolve(here, '../static/dist');

// The pages inline their icons on the server, so only the named ones travel with the bundle.
const copyIcons = {
  name: 'copy-icons',
  writeBundle() {
    mkdirSync(resolve(dist, 'icons'), { recursive: true });
    for (const name of icons) {
      copyFileSync(resolve(here, `node_modules/bootstrap-icons/icons/${name}.svg`), resolve(dist, `icons/${name}.svg`));
    }
  },
};

export default defineConfig({
  base: '/static/dist/',
  plugins: [formLiterals(resolve(here, 'src/translate.js')), copyIcons],
  build: {
    outDir: dist,
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: Object.fromEntries(['site', 'viewer', 'forms', 'uploads', 'counting', 'listing'].map((name) => [name, resolve(here, `src/${name}.js`)])),
    },
  },
});
