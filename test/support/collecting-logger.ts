import type { LoggerService } from '@nestjs/common';

/** Keeps what is logged, so that a test can say how often. */
export class CollectingLogger implements LoggerService {
  readonly lines: string[] = [];

  log(message: unknown): void {
    this.lines.push(`log ${String(message)}`);
  }

  warn(message: unknown): void {
    this.lines.push(`warn ${String(message)}`);
  }

  error(message: unknown): void {
    this.lines.push(`error ${String(message)}`);
  }

  /** The lines of this library that hold `text`. */
  containing(text: string): string[] {
    return this.lines.filter((line) => line.includes(text));
  }
}
