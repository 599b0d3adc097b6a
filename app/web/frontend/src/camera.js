/* The camera of a telephone as a scanner: a button with data-camera="<id of an input>" fills the input and sends its form.
   Codes are read by the browser itself where it can, else by a reader that is loaded only then. */
import { t } from './language.js';

const PAUSE = 120; // milliseconds between two looks
const REASONS = {
  NotAllowedError: () => t('没有使用摄像头的权限，请在浏览器设置中允许。', 'The camera may not be used; allow it in the settings of the browser.'),
  NotFoundError: () => t('没有找到摄像头。', 'There is no camera.'),
};

// Browsers give the camera only to pages that came by HTTPS, and a desk has a scanner that types.
const able = navigator.mediaDevices?.getUserMedia && ('BarcodeDetector' in window || matchMedia('(pointer: coarse)').matches);
const show = () => able && document.querySelectorAll('[data-camera][hidden]').forEach((button) => { button.hidden = false; });
show();
document.body.addEventListener('htmx:afterSettle', show);

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-camera]');
  if (button) scan(button.dataset.camera);
});

async function codeReader() {
  const own = window.BarcodeDetector;
  const formats = own ? await own.getSupportedFormats().catch(() => []) : [];
  const Reader = formats.includes('qr_code') ? own : (await import('qr/decode.js')).BarcodeDetector;
  return new Reader({ formats: ['qr_code'] });
}

async function scan(id) {
  const dialog = document.createElement('dialog');
  dialog.className = 'camera';
  const video = Object.assign(document.createElement('video'), { playsInline: true, muted: true });
  const close = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-sm btn-outline-secondary', textContent: t('关闭', 'Close') });
  const said = Object.assign(document.createElement('p'), { className: 'muted mb-1', textContent: t('把二维码放到画面中间', 'Hold the code before the camera') });
  said.setAttribute('role', 'status');
  dialog.append(said, video, close);
  document.body.append(dialog);
  let stream;
  const stop = () => stream?.getTracks().forEach((track) => track.stop());
  dialog.addEventListener('close', () => {
    stop();
    dialog.remove();
  });
  close.addEventListener('click', () => dialog.close());
  dialog.showModal();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    if (!dialog.open) return stop();
    video.srcObject = stream;
    await video.play();
    const reader = await codeReader();
    while (dialog.open) {
      const [found] = await reader.detect(video).catch(() => []);
      if (found && dialog.open) {
        const input = document.getElementById(id);
        dialog.close();
        input.value = found.rawValue;
        input.form.requestSubmit();
        return;
      }
      await new Promise((next) => setTimeout(next, PAUSE));
    }
  } catch (error) {
    said.textContent = REASONS[error.name]?.() ?? t('无法使用摄像头，请用扫描枪或者手工输入。', 'The camera cannot be used: use a scanner or type the code.');
  }
}
