/* The `translate` service of bpmn-js and form-js: their English texts are the keys. */
import shapes from 'bpmn-js-i18n/translations/zn.js';
import forms from './translations.json';
import { chinese } from './language.js';

const known = { ...shapes, ...forms };

// A browser test reads this set and fails when an upgrade of the libraries brings a text nobody translated.
const untranslated = (globalThis.xianjieUntranslated ??= new Set());

export function translate(template, replacements = {}) {
  let text = template;
  if (chinese) {
    if (Object.hasOwn(known, template)) text = known[template];
    else untranslated.add(template);
  }
  return text.replace(/{([^}]+)}/g, (_, key) => replacements[key] ?? `{${key}}`);
}

export const translateModule = { translate: ['value', translate] };
