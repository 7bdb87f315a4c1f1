/** What one request read from the cache. */
export class CacheReport {
  private reads = 0;
  private misses = 0;
  private oldestMs = 0;

  hit(ageMs: number): void {
    this.reads += 1;
    this.oldestMs = Math.max(this.oldestMs, ageMs);
  }

  miss(): void {
    this.reads += 1;
    this.misses += 1;
  }

  /** HIT when nothing had to be loaded; Age is that of the oldest part of the answer, in seconds. */
  headers(): Record<string, string> {
    if (this.reads === 0) return {};
    return { 'X-Cache': this.misses === 0 ? 'HIT' : 'MISS', Age: String(Math.floor(this.oldestMs / 1000)) };
  }
}
