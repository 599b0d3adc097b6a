/* <case-diagram src="….bpmn" state="….json" refresh="30">: a diagram that shows where the case is.
   The state is read from the address in `state`, or from a <script type="application/json"> inside the element:
   {done: [ids], active: [{id, label, urgency}], waiting: [ids]}. Ids that the diagram does not have are passed over. */
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import { chinese, t } from './language.js';
import { translateModule } from './translate.js';

const FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif';
const PADDING = 16;
const WATERMARK = 44; // px at the bottom that the bpmn.io logo needs; its licence forbids covering it
const LEAST_SCALE = 0.5; // below this the labels cannot be read
const NEAR_SCALE = 0.75;
const LABEL_WIDTH = 90;
const URGENCIES = new Set(['overdue', 'soon', 'week', 'ok', 'none', 'paused']);

class CaseDiagram extends HTMLElement {
  connectedCallback() {
    this.setAttribute('role', 'group');
    // A diagram in a closed tab has no size to fit into: it is drawn when it is first seen.
    this.watcher = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.open();
    });
    this.watcher.observe(this);
  }

  disconnectedCallback() {
    this.watcher?.disconnect();
    this.resizing?.disconnect();
    clearInterval(this.timer);
    removeEventListener('beforeprint', this.beforePrint);
    removeEventListener('afterprint', this.afterPrint);
    this.viewer?.destroy();
    this.viewer = undefined;
  }

  async open() {
    if (this.viewer) return;
    this.watcher.disconnect();
    this.viewer = new NavigatedViewer({
      container: this,
      additionalModules: [translateModule],
      textRenderer: { defaultStyle: { fontFamily: FONT, fontSize: 13 }, externalStyle: { fontFamily: FONT, fontSize: 12 } },
    });
    // A page that is scrolled with the wheel must not stop at the diagram; Ctrl + wheel zooms.
    this.viewer.get('zoomScroll').toggle(false);
    try {
      const answer = await fetch(this.getAttribute('src'), { credentials: 'same-origin' });
      if (!answer.ok) throw new Error(String(answer.status));
      const xml = await answer.text();
      await this.viewer.importXML(chinese ? xml : inEnglish(xml));
    } catch {
      this.fail();
      return;
    }
    this.show(await this.readState());
    this.fit();
    this.addControls();
    this.width = this.clientWidth;
    this.resizing = new ResizeObserver(() => {
      this.viewer?.get('canvas').resized();
      if (this.clientWidth && this.clientWidth !== this.width) {
        this.width = this.clientWidth;
        this.fit();
      }
    });
    this.resizing.observe(this);
    this.beforePrint = () => this.addPrintCopy();
    this.afterPrint = () => this.querySelector('.print-copy')?.remove();
    addEventListener('beforeprint', this.beforePrint);
    addEventListener('afterprint', this.afterPrint);
    const seconds = Number(this.getAttribute('refresh'));
    if (seconds > 0 && this.hasAttribute('state')) {
      this.timer = setInterval(() => document.hidden || this.refresh(), seconds * 1000);
    }
    this.dispatchEvent(new CustomEvent('diagram:ready', { bubbles: true }));
  }

  fail() {
    this.viewer?.destroy();
    const said = document.createElement('p');
    said.className = 'diagram-failed';
    said.textContent = t('流程图无法显示，请看下方文字说明。', 'The diagram cannot be shown; the words below say the same.');
    this.replaceChildren(said);
  }

  async refresh() {
    const asked = this.getAttribute('state');
    const state = await this.readState();
    // Somebody may have chosen another person meanwhile.
    if (this.viewer && asked === this.getAttribute('state')) this.show(state);
  }

  async readState() {
    const inline = this.querySelector('script[type="application/json"]');
    if (inline) return JSON.parse(inline.textContent);
    const url = this.getAttribute('state');
    if (!url) return {};
    try {
      const answer = await fetch(url, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
      return answer.ok ? await answer.json() : (this.state ?? {});
    } catch {
      return this.state ?? {};
    }
  }

  show(state) {
    const canvas = this.viewer.get('canvas');
    const overlays = this.viewer.get('overlays');
    const elements = this.viewer.get('elementRegistry');
    for (const [id, marker] of this.marked ?? []) canvas.removeMarker(id, marker);
    overlays.remove({ type: 'case' });
    this.state = state;
    this.marked = [];
    const mark = (id, marker) => {
      if (!elements.get(id)) return false;
      canvas.addMarker(id, marker);
      this.marked.push([id, marker]);
      return true;
    };
    for (const id of state.done ?? []) mark(id, 'case-done');
    for (const id of state.waiting ?? []) mark(id, 'case-waiting');
    for (const { id, label, urgency } of state.active ?? []) {
      const kind = URGENCIES.has(urgency) ? urgency : 'none';
      if (!mark(id, 'case-active')) continue;
      mark(id, `case-${kind}`);
      if (label) overlays.add(id, 'case', { position: { top: -11, left: 8 }, html: badge(label, kind) });
    }
  }

  fit({ whole = false } = {}) {
    const canvas = this.viewer.get('canvas');
    const { inner, outer } = canvas.viewbox();
    if (!outer.width || !outer.height) return;
    const scale = scaleToFit(inner, outer);
    const active = this.state?.active?.map(({ id }) => this.viewer.get('elementRegistry').get(id)).find(Boolean);
    if (scale < LEAST_SCALE && active && !whole) {
      const width = outer.width / NEAR_SCALE;
      const height = outer.height / NEAR_SCALE;
      canvas.viewbox({ x: active.x + active.width / 2 - width / 2, y: active.y + active.height / 2 - height / 2, width, height });
      return;
    }
    const width = outer.width / scale;
    const height = outer.height / scale;
    const top = Math.max(PADDING / scale, (height - inner.height - WATERMARK / scale) / 2);
    canvas.viewbox({ x: inner.x - (width - inner.width) / 2, y: inner.y - top, width, height });
  }

  addControls() {
    const bar = document.createElement('div');
    bar.className = 'diagram-controls';
    const step = (by) => this.viewer.get('zoomScroll').stepZoom(by);
    bar.append(
      control('+', t('放大', 'Zoom in'), () => step(1)),
      control('−', t('缩小', 'Zoom out'), () => step(-1)),
      control(t('全图', 'Whole'), t('显示全图', 'Show the whole diagram'), () => this.fit({ whole: true })),
    );
    if (this.state?.active?.length) {
      bar.append(control(t('当前', 'Now'), t('回到当前环节', 'Back to where the case is'), () => this.fit()));
    }
    this.append(bar);
  }

  /* On paper the canvas would be cut off at the zoom of the screen: print the whole drawing as it is. */
  addPrintCopy() {
    this.querySelector('.print-copy')?.remove();
    const { inner } = this.viewer.get('canvas').viewbox();
    const copy = this.querySelector('.djs-container > svg').cloneNode(true);
    copy.setAttribute('viewBox', `${inner.x - 10} ${inner.y - 10} ${inner.width + 20} ${inner.height + 20}`);
    copy.removeAttribute('width');
    copy.removeAttribute('height');
    copy.classList.add('print-copy');
    copy.querySelector('.viewport').removeAttribute('transform');
    ownMarkers(copy);
    this.append(copy);
  }
}

/* The arrow heads of a copy must be its own: those of the hidden drawing are not painted. */
function ownMarkers(copy) {
  for (const marker of copy.querySelectorAll('marker[id]')) marker.id = `print-${marker.id}`;
  for (const line of copy.querySelectorAll('path, polyline, line')) {
    for (const end of ['marker-start', 'marker-mid', 'marker-end']) {
      const used = line.style.getPropertyValue(end);
      if (used) line.style.setProperty(end, used.replace('#', '#print-'));
    }
  }
}

/* The scale at which a drawing fits the canvas (px), leaving room for the logo; never above its own size. */
function scaleToFit(inner, outer) {
  return Math.min((outer.width - 2 * PADDING) / inner.width, (outer.height - PADDING - WATERMARK) / inner.height, 1);
}

function badge(label, kind) {
  const element = document.createElement('span');
  element.className = `case-badge case-badge-${kind}`;
  element.textContent = label;
  return element;
}

function control(text, title, act) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = text;
  button.title = title;
  button.setAttribute('aria-label', title);
  button.addEventListener('click', act);
  return button;
}

/* A diagram is named in Chinese; the property name_en of a node says the same in English. */
function inEnglish(xml) {
  const page = new DOMParser().parseFromString(xml, 'application/xml');
  const renamed = new Set();
  for (const property of page.getElementsByTagNameNS('*', 'property')) {
    if (property.getAttribute('name') !== 'name_en') continue;
    const named = property.parentElement.parentElement.parentElement;
    named.setAttribute('name', property.getAttribute('value'));
    renamed.add(named.getAttribute('id'));
  }
  for (const label of page.getElementsByTagNameNS('*', 'BPMNLabel')) {
    const bounds = label.getElementsByTagNameNS('*', 'Bounds')[0];
    if (!bounds || !renamed.has(label.parentElement.getAttribute('bpmnElement'))) continue;
    // English needs more room than the Chinese label it stands in for.
    const width = Number(bounds.getAttribute('width'));
    if (width >= LABEL_WIDTH) continue;
    bounds.setAttribute('x', Number(bounds.getAttribute('x')) - (LABEL_WIDTH - width) / 2);
    bounds.setAttribute('width', LABEL_WIDTH);
  }
  return new XMLSerializer().serializeToString(page);
}

/* <select data-states="id of a diagram">: each option is the address of a state, one for each person. */
for (const select of document.querySelectorAll('select[data-states]')) {
  select.addEventListener('change', () => {
    const diagram = document.getElementById(select.dataset.states);
    diagram.setAttribute('state', select.value);
    diagram.refresh().then(() => diagram.viewer && diagram.fit());
  });
}

customElements.define('case-diagram', CaseDiagram);
