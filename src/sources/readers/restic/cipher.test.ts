import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { newMaterial, seal } from '../../../../test/readers/write-repository.ts'
import { CipherKey, type KeyMaterial, overhead } from './cipher.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const keyOf = (material: KeyMaterial): CipherKey => CipherKey.from(material) as CipherKey

/** D. J. Bernstein, "The Poly1305-AES message-authentication code" (2005), appendix B. */
const vectors = [
  {
    m: 'f3f6',
    r: '851fc40c3467ac0be05cc20404f3f700',
    k: 'ec074c835580741701425b623235add6',
    n: 'fb447350c4e868c52ac3275cf9d4327e',
    mac: 'f4c633c3044fc145f84f335cb81953de',
  },
  {
    m: '',
    r: 'a0f3080000f46400d0c7e9076c834403',
    k: '75deaa25c09f208e1dc4ce6b5cad3fbf',
    n: '61ee09218d29b0aaed7e154a2c5509cc',
    mac: 'dd3fab2251f11ac759f0887129cc2ee7',
  },
  {
    m: '663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136',
    r: '48443d0bb0d21109c89a100b5ce2c208',
    k: '6acb5f61a7176dd320c5c1eb2edcdc74',
    n: 'ae212a55399729595dea458bc621ff0e',
    mac: '0ee1c16bb73f0f4fd19881753c01cdbe',
  },
  {
    m: 'ab0812724a7f1e342742cbed374d94d136c6b8795d45b3819830f2c04491faf0990c62e48b8018b2c3e4a0fa3134cb67fa83e158c994d961c4cb21095c1bf9',
    r: '12976a08c4426d0ce8a82407c4f48207',
    k: 'e1a5668a4d5b66a5f68cc5424ed5982d',
    n: '9ae831e743978d3a23527c7128149e3a',
    mac: '5154ad0d2cb26e01274fc51148491f1b',
  },
]

describe('the cipher', () => {
  for (const { m, r, k, n, mac } of vectors)
    it(`authenticates as published: ${m.length / 2} bytes`, () => {
      const key = keyOf({ encrypt: randomBytes(32), k: hex(k), r: hex(r) })
      assert.equal(Buffer.from(key.authenticate(hex(n), hex(m))).toString('hex'), mac)
      // Again with the same object: its inner cipher is used over and over.
      assert.equal(Buffer.from(key.authenticate(hex(n), hex(m))).toString('hex'), mac)
    })

  it('deciphers as published: NIST SP 800-38A, F.5.5, CTR-AES256', () => {
    const encrypt = hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4')
    const material = { ...newMaterial(), encrypt }
    const plain = hex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51')
    const sealed = seal(material, plain, hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'))
    assert.equal(
      sealed.subarray(16, 48).toString('hex'),
      '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5',
    )
    assert.deepEqual(keyOf(material).open(sealed), plain)
  })

  it('opens what was sealed, and nothing with one bit changed, cut or added', () => {
    const material = newMaterial()
    const key = keyOf(material)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat(7), (content, at, bit) => {
        const sealed = seal(material, content)
        assert.equal(sealed.length, content.length + overhead)
        assert.deepEqual(Buffer.from(key.open(sealed) ?? 'none'), Buffer.from(content))
        const changed = Buffer.from(sealed)
        const place = at % sealed.length
        changed.writeUInt8(changed.readUInt8(place) ^ (1 << bit), place)
        assert.equal(key.open(changed), undefined)
        assert.equal(key.open(sealed.subarray(0, place)), undefined)
        assert.equal(key.open(Buffer.concat([sealed, Buffer.from([bit])])), undefined)
      }),
    )
  })

  it('counts on over 2^128 as a block counter does', () => {
    const material = newMaterial()
    const content = randomBytes(100)
    assert.deepEqual(keyOf(material).open(seal(material, content, Buffer.alloc(16, 0xff))), content)
  })

  it('refuses another key, zeros for a nonce, and keys that are none', () => {
    const material = newMaterial()
    assert.equal(keyOf(newMaterial()).open(seal(material, Buffer.from('x'))), undefined)
    assert.equal(keyOf(material).open(seal(material, Buffer.from('x'), Buffer.alloc(16))), undefined)
    for (const part of ['encrypt', 'k', 'r'] as const) {
      assert.equal(CipherKey.from({ ...material, [part]: new Uint8Array(material[part].length) }), undefined)
      assert.equal(CipherKey.from({ ...material, [part]: material[part].subarray(1) }), undefined)
    }
  })
})
