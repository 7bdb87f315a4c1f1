import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { KeyRing, requireKeyRing } from './key-ring.js';

const [first, second] = [randomBytes(32), randomBytes(32)];
const text = Buffer.from('what nobody should read');

describe('a ring of keys', () => {
  const ring = new KeyRing([first]);

  it('gives back what it has encrypted, in the same place', () => {
    const bytesInPlace = fc.property(fc.uint8Array(), fc.string(), (bytes, place) => {
      const given = Buffer.from(bytes);
      return ring.decrypt(ring.encrypt(given, place), place).equals(given);
    });
    fc.assert(bytesInPlace);
  });

  it('shows nothing, and never the same twice', () => {
    const [one, other] = [ring.encrypt(text, 'a'), ring.encrypt(text, 'a')];
    expect(one.includes(text.subarray(0, 4))).toBe(false);
    expect(one.includes(first)).toBe(false);
    expect(one.equals(other)).toBe(false);
  });

  it('does not read it in another place', () => {
    expect(() => ring.decrypt(ring.encrypt(text, 'a'), 'b')).toThrow('lay in another place');
  });

  it('reads nothing of which one bit was changed, or that was cut', () => {
    const encrypted = ring.encrypt(text, 'a');
    for (let at = 0; at < encrypted.length; at += 1) {
      const changed = Buffer.from(encrypted);
      changed[at]! ^= 1;
      expect(() => ring.decrypt(changed, 'a')).toThrow(expect.objectContaining({ code: 'UNDECODABLE' }));
      expect(() => ring.decrypt(encrypted.subarray(0, at), 'a')).toThrow(
        expect.objectContaining({ code: 'UNDECODABLE' }),
      );
    }
  });

  it('reads what an older key of it has encrypted, and encrypts with the first', () => {
    const both = new KeyRing([second, first]);
    expect(both.decrypt(ring.encrypt(text, 'a'), 'a')).toEqual(text);
    expect(new KeyRing([second]).decrypt(both.encrypt(text, 'a'), 'a')).toEqual(text);
    expect(() => new KeyRing([second]).decrypt(ring.encrypt(text, 'a'), 'a')).toThrow('no key of the ring');
  });
});

describe('the keys of a ring', () => {
  const [key, other] = [first.toString('base64'), second.toString('base64')];

  it('are 32 bytes as base64', () => {
    expect(requireKeyRing('keys', [key, other])).toBeInstanceOf(KeyRing);
  });

  it.each([
    ['encryption.keys', undefined, 'an array of keys'],
    ['encryption.keys', [], 'an array of keys'],
    ['encryption.keys', key, 'an array of keys'],
    ['encryption.keys[0]', [first], '32 bytes as base64'],
    ['encryption.keys[0]', [first.toString('hex')], '32 bytes as base64'],
    ['encryption.keys[1]', [key, ` ${other}`], '32 bytes as base64'],
    ['encryption.keys[1]', [key, randomBytes(31).toString('base64')], '32 bytes as base64'],
    ['encryption.keys[2]', [key, other, key], 'is the same key as encryption.keys[0]'],
  ])('or are refused, and not shown: %s', (option, given, message) => {
    const refused = () => requireKeyRing('encryption.keys', given);
    expect(refused).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
    expect(refused).toThrow(message);
    expect(refused).not.toThrow(key);
  });
});
