/* <case-form action="…" draft="…">: a form-js form that never loses what was typed.
   Inside it a <script type="application/json"> holds {schema, data, options, readonly}: `options` are the
   lists that fields choose from, by their valuesKey.
   - submits {answers} as JSON; an answer {next} sends the reader on, 422 {errors: {"parties.0.name": […]}} goes to the fields;
   - keeps a draft 1.2 s after the last key by PUT {answers} to `draft`, which answers {saved_at};
   - any button inside or outside with data-submits="<id of the element>" submits it, as does Ctrl+Enter. */
import { Form } from '@bpmn-io/form-js-viewer';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import './forms.css';
import { chinese, t } from './language.js';
import { refusal, sendJson } from './request.js';
import { translateModule } from './translate.js';

const PAUSE = 1200; // ms without a key before the draft is kept

class CaseForm extends HTMLElement {
  async connectedCallback() {
    if (this.form) return;
    const given = JSON.parse(this.querySelector('script[type="application/json"]').textContent);
    this.summary = this.appendChild(part('div', 'error-summary', { tabindex: '-1', role: 'alert', hidden: '' }));
    const place = this.appendChild(part('div', 'form-place bio-theme-parent'));
    // Without its pause of 300 ms: within it a drawing of the form puts the old words back over what was typed,
    // and Ctrl+Enter sends the answers without the last ones.
    this.form = new Form({ container: place, additionalModules: [translateModule], debounce: false });
    await this.form.importSchema(localised(given.schema), { ...localisedOptions(given.options ?? {}), ...given.data });
    if (given.readonly) {
      this.form.setProperty('readOnly', true);
      return;
    }
    this.noteField = document.querySelector(`[data-draft-note="${this.id}"]`);
    this.form.on('changed', () => this.noteChange());
    this.kept = JSON.stringify(this.answers());
    this.onKey = (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'Enter' && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
    };
    this.onClick = (event) => {
      if (event.target.closest?.(`[data-submits="${this.id}"]`)) this.submit();
    };
    // A draft still on its way is lost with the tab unless the browser is asked to keep sending it.
    this.onHide = () => document.visibilityState === 'hidden' && this.keepDraft({ leaving: true });
    document.addEventListener('keydown', this.onKey);
    document.addEventListener('click', this.onClick);
    document.addEventListener('visibilitychange', this.onHide);
    this.onHash = () => this.focusKey(decodeURIComponent(location.hash.slice(1)));
    addEventListener('hashchange', this.onHash);
    this.dispatchEvent(new CustomEvent('form:ready', { bubbles: true }));
    this.onHash();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    document.removeEventListener('keydown', this.onKey);
    document.removeEventListener('click', this.onClick);
    document.removeEventListener('visibilitychange', this.onHide);
    removeEventListener('hashchange', this.onHash);
  }

  answers() {
    return this.form._getSubmitData();
  }

  noteChange() {
    if (!this.getAttribute('draft') || this.busy || this.left) return;
    if (JSON.stringify(this.answers()) === this.kept) return;
    this.note(t('有未保存的修改', 'Not yet saved'), 'dirty');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keepDraft(), PAUSE);
  }

  async keepDraft({ leaving = false } = {}) {
    const url = this.getAttribute('draft');
    const answers = this.answers();
    const text = JSON.stringify(answers);
    if (!url || this.busy || this.left || text === this.kept) return;
    clearTimeout(this.timer);
    const answer = await sendJson('PUT', url, { answers }, { keepalive: leaving });
    if (answer.status >= 200 && answer.status < 300) {
      this.kept = text;
      const at = answer.body?.saved_at ? new Date(answer.body.saved_at) : new Date();
      this.note(t(`已保存 ${clock(at)}`, `Saved ${clock(at)}`), 'saved');
      this.dispatchEvent(new CustomEvent('draft:saved', { bubbles: true }));
      return;
    }
    this.note(t('草稿没有保存：', 'Draft not saved: ') + refusal(answer), 'failed');
    if (answer.status === 0 || answer.status >= 500) this.timer = setTimeout(() => this.keepDraft(), 10 * PAUSE);
  }

  async submit() {
    if (this.busy || !this.form) return;
    this.setBusy(true);
    await taken();
    const { data, errors } = this.form.submit();
    if (Object.keys(errors).length) {
      this.setBusy(false);
      this.showSummary(this.ownErrors());
      return;
    }
    clearTimeout(this.timer);
    const answer = await sendJson('POST', this.getAttribute('action'), { answers: data });
    if (answer.status >= 200 && answer.status < 300) {
      this.left = true;
      location.assign(answer.body?.next ?? '/tasks');
      return;
    }
    this.setBusy(false);
    if (answer.status === 422 && answer.body?.errors) this.showServerErrors(answer.body.errors);
    else this.showSummary([{ message: refusal(answer) }]);
  }

  setBusy(busy) {
    this.busy = busy;
    this.toggleAttribute('aria-busy', busy);
    for (const button of document.querySelectorAll(`[data-submits="${this.id}"]`)) button.disabled = busy;
  }

  /* Every field on the page with the path of its value: `name`, or `parties.0.name` in a list. */
  fields() {
    const registry = this.form.get('formFieldRegistry');
    return this.form
      .get('formFieldInstanceRegistry')
      .getAllKeyed()
      .map(({ id, valuePath, indexes }) => {
        const rows = Object.values(indexes ?? {});
        return { id, rows, path: valuePath.join('.'), label: labelOf(registry.get(id)) || valuePath.at(-1) };
      });
  }

  ownErrors() {
    const { errors } = this.form._getState();
    return this.fields().flatMap((field) => {
      const found = [field.id, ...field.rows].reduce((value, key) => value?.[key], errors);
      return Array.isArray(found) && found.length ? [{ ...field, message: found.join(' ') }] : [];
    });
  }

  /* form-js has no public way to show errors that a server found; its own validation writes the same state. */
  showServerErrors(byPath) {
    const given = new Map(Object.entries(byPath).map(([path, said]) => [path.replace(/\[(\d+)\]/g, '.$1'), sentences(said)]));
    const errors = {};
    const found = [];
    for (const field of this.fields()) {
      const said = given.get(field.path);
      if (!said) continue;
      given.delete(field.path);
      found.push({ ...field, message: said.join(' ') });
      place(errors, [field.id, ...field.rows], said);
    }
    for (const said of given.values()) found.push({ message: said.join(' ') });
    this.form._setState({ errors });
    this.showSummary(found);
  }

  showSummary(found) {
    const list = part('ul');
    for (const { id, rows, label, message } of found) {
      const item = list.appendChild(part('li'));
      if (!id) {
        item.textContent = message;
        continue;
      }
      const row = rows.length ? t(`（第 ${rows.at(-1) + 1} 行）`, ` (row ${rows.at(-1) + 1})`) : '';
      const link = item.appendChild(part('a', '', { href: '#' }));
      link.textContent = `${label}${row}：${message}`;
      link.addEventListener('click', (event) => {
        event.preventDefault();
        this.focusField(id, rows);
      });
    }
    const head = part('h2');
    head.textContent = found.some(({ id }) => id)
      ? t(`有 ${found.length} 处需要修改`, `${found.length} ${found.length === 1 ? 'answer needs' : 'answers need'} attention`)
      : t('没有提交成功', 'This did not go through');
    this.summary.replaceChildren(head, list);
    this.summary.hidden = false;
    this.summary.focus();
    this.summary.scrollIntoView({ block: 'start' });
  }

  /* A page may lead to a field by its key: /tasks/…#attachments; of a list to its first row. */
  focusKey(key) {
    const fields = key ? this.fields() : [];
    const field = fields.find(({ path }) => path.startsWith(`${key}.`)) ?? fields.find(({ path }) => path === key);
    if (field) this.focusField(field.id, field.rows);
  }

  focusField(id, rows) {
    const name = [`-${id}`, ...rows].join('_');
    const field = this.querySelector(`[id$="${name}"], [id$="${name}-search"], [id*="${name}-"]`);
    const target = field?.matches('input, textarea, select, button') ? field : (field?.querySelector('input, textarea, select') ?? field);
    target?.scrollIntoView({ block: 'center' });
    target?.focus();
  }

  note(text, kind) {
    if (!this.noteField) return;
    this.noteField.textContent = text;
    this.noteField.dataset.kind = kind;
  }
}

/* A number reaches the form's state when its field has been drawn again, which is after this turn. */
const taken = () => new Promise((done) => setTimeout(done));

const clock = (at) => at.toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false, timeZone: 'Asia/Shanghai' });

function sentences(said) {
  return (Array.isArray(said) ? said : [said]).map((one) => (typeof one === 'string' ? one : t(one.zh ?? one[0], one.en ?? one[1])));
}

function place(target, path, value) {
  const last = path.at(-1);
  const holder = path.slice(0, -1).reduce((into, key) => (into[key] ??= []), target);
  holder[last] = value;
}

const SPOKEN = ['label', 'dateLabel', 'timeLabel', 'description', 'text'];
const labelOf = (field) => field.label || field.dateLabel || field.timeLabel;

/* A form is written in Chinese; a component's properties label_en, description_en, text_en … say the same in English,
   as does label_en of each option. The page has its own submit button, so the form's is left out. */
function localised(schema) {
  const walk = (component, rowKeys = []) => {
    const copy = { ...component };
    if (!chinese) {
      const english = component.properties ?? {};
      for (const key of SPOKEN) if (english[`${key}_en`]) copy[key] = english[`${key}_en`];
      if (component.values) copy.values = component.values.map(localisedOption);
    }
    if (rowKeys.length && component.conditional?.hide) copy.conditional = { ...component.conditional, hide: ofRow(component.conditional.hide, rowKeys) };
    const keys = component.type === 'dynamiclist' ? keysOf(component.components ?? []) : rowKeys;
    if (component.components) copy.components = component.components.filter(isNoSubmit).map((inner) => walk(inner, keys));
    return copy;
  };
  return walk(schema);
}

/* A condition in a row speaks of its own row first, as it does on the server; form-js looks there only after `this.`. */
const keysOf = (components) => components.flatMap((part) => (part.components && part.type === 'group' ? keysOf(part.components) : (part.key ?? [])));
const ofRow = (condition, keys) =>
  condition.replace(/"(?:[^"\\]|\\.)*"|(?<![\w.])[A-Za-z_]\w*/g, (word) => (keys.includes(word) ? `this.${word}` : word));

const localisedOption = (option) => (chinese ? option : { ...option, label: option.label_en ?? option.label });
const localisedOptions = (lists) =>
  Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, list.map(localisedOption)]));

const isNoSubmit = (component) => !(component.type === 'button' && (component.action ?? 'submit') === 'submit');

function part(name, className = '', attributes = {}) {
  const element = document.createElement(name);
  if (className) element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

customElements.define('case-form', CaseForm);
