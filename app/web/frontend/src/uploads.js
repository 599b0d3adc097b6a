/* Uploads of a case: dropped or chosen files go up in pieces, pause, and go on after a broken line or a closed page. */
import { Upload } from 'tus-js-client';
import './uploads.css';
import { t } from './language.js';
import { csrfToken } from './request.js';

const PIECE = 16 * 1024 * 1024;
const RETRIES = [0, 1000, 3000, 6000, 12000, 24000];

const form = document.getElementById('upload-form');
const list = document.getElementById('uploads');
const running = new Set();

const sentence = (error) => {
  const answer = error.originalResponse;
  if (!answer) return t('连接中断，可稍后继续。', 'The line broke; go on later.');
  try {
    return JSON.parse(answer.getBody()).detail;
  } catch {
    return t(`没有成功（${answer.getStatus()}），可稍后继续。`, `This did not go through (${answer.getStatus()}); go on later.`);
  }
};

const sizeWords = (size) => {
  const units = ['B', 'KB', 'MB', 'GB'];
  let step = 0;
  while (size >= 1024 && step < 3) [size, step] = [size / 1024, step + 1];
  return `${size.toFixed(step ? 1 : 0)} ${units[step]}`;
};

function row(file) {
  const item = document.createElement('li');
  const name = document.createElement('b');
  const bar = document.createElement('progress');
  const note = document.createElement('p');
  const acts = document.createElement('span');
  name.textContent = file.name;
  bar.className = 'bar';
  bar.max = file.size;
  bar.value = 0;
  bar.setAttribute('aria-label', file.name);
  note.setAttribute('role', 'status');
  acts.className = 'acts';
  item.append(name, acts, bar, note);
  list.append(item);
  const button = (words, act) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'btn btn-sm btn-outline-secondary';
    made.textContent = words;
    made.addEventListener('click', act);
    acts.append(made);
    return made;
  };
  return { item, bar, note, button };
}

function send(file, metadata) {
  const { item, bar, note, button } = row(file);
  const toggle = button(t('暂停', 'Pause'), () => (item.dataset.state === 'running' ? pause() : go()));
  button(t('取消', 'Cancel'), async () => {
    await upload.abort(true).catch(() => {});
    running.delete(upload);
    item.remove();
  });

  const is = (state, words) => {
    item.dataset.state = state;
    note.textContent = words;
    toggle.textContent = state === 'running' ? t('暂停', 'Pause') : t('继续', 'Resume');
    if (state === 'running') running.add(upload);
    else running.delete(upload);
  };
  const go = () => {
    is('running', t('正在上传…', 'Uploading…'));
    upload.start();
  };
  const pause = async () => {
    is('paused', t('已暂停', 'Paused'));
    await upload.abort();
  };

  const upload = new Upload(file, {
    endpoint: form.dataset.endpoint,
    chunkSize: PIECE,
    retryDelays: RETRIES,
    metadata: { ...metadata, case: form.dataset.case, filename: file.name, ...(file.type && { filetype: file.type }) },
    removeFingerprintOnSuccess: true,
    // What was said of a file belongs to its upload: said otherwise, it is another one.
    fingerprint: async () => JSON.stringify(['xianjie', form.dataset.case, file.name, file.size, file.lastModified, metadata]),
    onBeforeRequest: (request) => {
      request.setHeader('X-CSRFToken', csrfToken());
      request.setHeader('Accept', 'application/json');
    },
    onProgress: (sent, total) => {
      bar.value = sent;
      if (item.dataset.state === 'running') note.textContent = `${sizeWords(sent)} / ${sizeWords(total)}`;
    },
    onError: (error) => {
      is('failed', sentence(error));
      const status = error.originalResponse?.getStatus();
      if (status && ![409, 423, 507].includes(status) && status < 500) toggle.remove();
    },
    onSuccess: async () => {
      running.delete(upload);
      await refresh();
      item.remove();
      document.getElementById('said').textContent = t(`已保存：${file.name}`, `Stored: ${file.name}`);
    },
  });

  upload.findPreviousUploads().then((known) => {
    if (known.length) upload.resumeFromPreviousUpload(known[0]);
    go();
  });
}

async function refresh() {
  const place = document.getElementById('files');
  const answer = await fetch(place.dataset.src, { credentials: 'same-origin' });
  if (answer.ok) place.innerHTML = await answer.text();
}

if (form) {
  const { file: field, sha256, role, shows } = form.elements;
  const camera = document.getElementById('upload-camera');
  const drop = form.querySelector('.drop');
  const chosen = document.getElementById('upload-chosen');

  const show = () => {
    chosen.replaceChildren(
      ...[...field.files].map((file) => {
        const entry = document.createElement('li');
        entry.textContent = `${file.name} · ${sizeWords(file.size)}`;
        return entry;
      }),
    );
    sha256.disabled = field.files.length > 1;
  };
  const over = (event, on) => {
    event.preventDefault();
    drop.toggleAttribute('data-over', on);
  };
  field.addEventListener('change', show);
  camera?.addEventListener('change', () => {
    if (!camera.files.length) return;
    field.files = camera.files;
    role.value = 'photo';
    asked();
    show();
  });
  // What a photograph shows is asked of a photograph alone.
  const asked = () => shows && (shows.disabled = role.value !== 'photo');
  role?.addEventListener('change', asked);
  asked();
  drop.addEventListener('dragover', (event) => over(event, true));
  drop.addEventListener('dragleave', (event) => over(event, false));
  drop.addEventListener('drop', (event) => {
    over(event, false);
    field.files = event.dataTransfer.files;
    show();
  });

  form.addEventListener('submit', () => {
    const given = new FormData(form); // without what is disabled
    const said = Object.fromEntries(
      ['title', 'sha256', 'item', 'role', 'shows'].map((name) => [name, (given.get(name) ?? '').trim()]).filter(([, value]) => value),
    );
    for (const file of [...field.files]) send(file, said);
    form.reset();
    asked();
    show();
  });

  addEventListener('beforeunload', (event) => running.size && event.preventDefault());
}
