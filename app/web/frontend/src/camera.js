/* The camera of a telephone as a scanner: a button with data-camera="<id of an input>" fills the input and sends its form.
   Browsers without a reader of codes of their own never show the button; a scanner that types works everywhere. */
import { t } from './language.js';

const able = 'BarcodeDetector' in window && Boolean(navigator.mediaDevices?.getUserMedia);
const show = () => able && document.querySelectorAll('[data-camera][hidden]').forEach((button) => { button.hidden = false; });
show();
document.body.addEventListener('htmx:afterSettle', show);

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-camera]');
  if (button) scan(button.dataset.camera);
});

async function scan(id) {
  const dialog = document.createElement('dialog');
  dialog.className = 'camera';
  const video = Object.assign(document.createElement('video'), { playsInline: true, muted: true });
  const close = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-sm btn-outline-secondary', textContent: t('关闭', 'Close') });
  const said = Object.assign(document.createElement('p'), { className: 'muted mb-1', textContent: t('把二维码放到画面中间', 'Hold the code before the camera') });
  dialog.append(said, video, close);
  document.body.append(dialog);
  let stream;
  dialog.addEventListener('close', () => {
    stream?.getTracks().forEach((track) => track.stop());
    dialog.remove();
  });
  close.addEventListener('click', () => dialog.close());
  dialog.showModal();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    video.srcObject = stream;
    await video.play();
    const reader = new window.BarcodeDetector({ formats: ['qr_code'] });
    while (dialog.open) {
      const [found] = await reader.detect(video);
      if (found) {
        const input = document.getElementById(id);
        dialog.close();
        input.value = found.rawValue;
        input.form.requestSubmit();
        return;
      }
      await new Promise((next) => setTimeout(next, 120));
    }
  } catch {
    said.textContent = t('无法使用摄像头，请用扫描枪或者手工输入。', 'The camera cannot be used: use a scanner or type the code.');
  }
}
