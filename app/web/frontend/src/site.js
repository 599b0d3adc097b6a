/* What every page has: the theme, htmx, the menus, and the keyboard. */
import 'bootstrap/dist/css/bootstrap.min.css';
import './css/colours.css';
import './css/base.css';
import './css/shell.css';
import './css/lists.css';
import './css/panels.css';
import './css/case.css';
import './css/custody.css';
import './css/handovers.css';
import './css/item-files.css';
import './css/items.css';
import './css/store.css';
import './css/narrow.css';
import './css/print.css';
import 'bootstrap/js/dist/dropdown';
import 'bootstrap/js/dist/offcanvas';
import 'bootstrap/js/dist/tab';
import 'htmx.org';
import './keyboard.js';
import './camera.js';
import { t } from './language.js';
import { csrfToken } from './request.js';

document.body.addEventListener('htmx:configRequest', (event) => {
  event.detail.headers['X-CSRFToken'] = csrfToken();
});

// htmx says nothing when a request fails: say it where a screen reader hears it too.
const say = (text) => {
  const place = document.getElementById('said');
  if (place) place.textContent = text;
};
document.body.addEventListener('htmx:sendError', () => say(t('服务器没有应答，请稍后再试。', 'The server does not answer; try again shortly.')));
document.body.addEventListener('htmx:responseError', (event) => {
  const { status } = event.detail.xhr;
  if (status === 401) location.reload();
  else say(t(`没有成功（${status}），请刷新页面后再试。`, `This did not go through (${status}); reload the page and try again.`));
});
document.body.addEventListener('htmx:afterRequest', (event) => event.detail.successful && say(''));

// Controls that act at once: a select that filters, a box that checks all, and buttons without a form of their own.
document.addEventListener('change', (event) => {
  if (event.target.matches('[data-submits-form]')) event.target.form.requestSubmit();
  const { checks } = event.target.dataset;
  if (checks) for (const box of event.target.form.querySelectorAll(`[name="${CSS.escape(checks)}"]`)) box.checked = event.target.checked;
});
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) window.print();
  const opener = event.target.closest('[data-opens]');
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest('[data-closes]')) event.target.closest('dialog')?.close();
  const switcher = event.target.closest('[data-switches-theme]');
  if (switcher) setTheme(document.documentElement.dataset.bsTheme === 'dark' ? 'light' : 'dark');
});

// On paper nothing can be opened: the reasoning of the deadlines and the history are printed in full.
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details:is(.reasoning, .older):not([open])')) {
    details.open = true;
    details.dataset.forPrint = '';
  }
});
addEventListener('afterprint', () => {
  for (const details of document.querySelectorAll('details[data-for-print]')) {
    details.open = false;
    delete details.dataset.forPrint;
  }
});

// A form is sent once, however often the button is pressed.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post' || event.defaultPrevented || 'again' in form.dataset) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = 'yes';
});
addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent));

// The server renders the theme from this cookie, so a page never flashes in the other one.
function setTheme(theme) {
  document.documentElement.dataset.bsTheme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
}
