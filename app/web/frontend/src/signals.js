/* A short sound and a shake for a scan that found its item, a long one for a scan that did not; off until asked for. */
const KEY = 'xianjie-signals';

export function signals(box) {
  box.checked = localStorage.getItem(KEY) === 'on';
  box.addEventListener('change', () => localStorage.setItem(KEY, box.checked ? 'on' : 'off'));
  let sound;
  return (good) => {
    if (!box.checked) return;
    navigator.vibrate?.(good ? 60 : [200, 80, 200]);
    sound ??= new AudioContext();
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = good ? 1200 : 300;
    volume.gain.value = 0.1;
    tone.connect(volume).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + (good ? 0.08 : 0.4));
  };
}
