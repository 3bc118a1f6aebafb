/**
 * What the screen of a fake phone shows while the app on it is in front: a text and a button that changes it. It answers what
 * mobilecli asks a phone; its answers were written from that program's calls, not from a phone.
 */
export class PhoneScreen {
  #shown = 'Welcome';
  #foreground: string | undefined;

  /** What a command prints; undefined: another one knows it. */
  run(command: string): string | undefined {
    const [, started] = /^am start (?:\S+ )*?([\w.]+)\/\S+/.exec(command) ?? [];
    if (started !== undefined) return this.#start(started);
    const [, app] = /^cmd package resolve-activity --brief ([\w.]+)$/.exec(command) ?? [];
    if (app !== undefined) return `priority=0 preferredOrder=0 match=0x108000 isDefault=true\n${app}/.Main\n`;
    const [, y] = /^input tap \d+ (\d+)$/.exec(command) ?? [];
    if (y !== undefined) return this.#tap(Number(y));
    if (/^uiautomator '?dump'? /.test(command)) return this.#dump();
    if (command === 'wm size') return 'Physical size: 1080x2400\n';
    if (command === 'settings get global device_name') return 'Fake Phone\n';
    return this.#foreground && command.startsWith('dumpsys window')
      ? `  mCurrentFocus=Window{8a1b2c3 u0 ${this.#foreground}/${this.#foreground}.Main}\n`
      : undefined;
  }

  #start(app: string): string {
    this.#foreground = app;
    this.#shown = 'Welcome';
    return `Starting: Intent { cmp=${app}/.Main }\n`;
  }

  #tap(y: number): string {
    if (y >= buttonTop) this.#shown = 'Second';
    return '';
  }

  #dump(): string {
    const nodes = [node('TextView', this.#shown, 0), node('Button', 'Go', buttonTop)].join('');
    return `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="0"><node index="0" class="android.widget.FrameLayout" bounds="[0,0][1080,2400]">${nodes}</node></hierarchy>UI hierchary dumped to: /dev/tty\n`;
  }
}

const buttonTop = 100;

const node = (type: string, text: string, top: number): string =>
  `<node index="0" text="${text}" resource-id="com.example.shop:id/${type}" class="android.widget.${type}" package="com.example.shop" content-desc="" clickable="true" enabled="true" bounds="[0,${top}][500,${top + 90}]" />`;
