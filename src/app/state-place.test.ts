import { strict as assert } from 'node:assert'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { goneWith, writableState } from './state-place.ts'

/** As a pod sees them. */
const pod = `1 0 0:30 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib
22 1 259:1 /var/lib/kubelet/pods/1f/volumes/kubernetes.io~empty-dir/tmp /tmp rw - ext4 /dev/nvme0n1p1 rw
23 1 0:41 / /dev/shm rw,nosuid - tmpfs shm rw
24 1 259:9 / /state rw - ext4 /dev/nvme1n1 rw
25 1 259:1 /var/lib/kubelet/pods/1f/volumes/kubernetes.io~nfs/x /nfs rw shared:1 - nfs4 host:/x rw`
const machine = '29 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n30 29 0:25 / /run rw - tmpfs tmpfs rw'

describe('a ledger is gone', () => {
  const rows = [
    ['/home/muster/.local/state/muster', pod, 'container'],
    ['/tmp/muster-1000', pod, 'pod'],
    ['/dev/shm/x', pod, 'container'],
    ['/state', pod, undefined],
    ['/state/muster', pod, undefined],
    ['/statement', pod, 'container'],
    ['/nfs/muster', pod, undefined],
    ['/var/lib/muster', machine, undefined],
    ['/run/muster', machine, 'container'],
    ['/var/lib/muster', '', undefined],
    ['/var/lib/muster', 'what is this\n - - - - - - -', undefined],
  ] as const
  for (const [folder, mounts, want] of rows)
    it(`with ${want ?? 'nothing'}: ${folder}`, () => assert.equal(goneWith(folder, mounts), want))
})

describe('a ledger without a place', () => {
  it('is where it may be written', () => {
    const home = mkdtempSync(join(tmpdir(), 'muster-place-'))
    try {
      assert.equal(writableState({ HOME: home }), join(home, '.local/state/muster'))
      assert.equal(writableState({ HOME: '/proc/1', MUSTER_STATE: '/proc/x' }), '/proc/x')
      // Root writes anywhere but here.
      assert.equal(writableState({ HOME: '/sys/none', TMPDIR: home }), join(home, `muster-${process.getuid?.()}`))
    } finally {
      chmodSync(home, 0o700)
      rmSync(home, { recursive: true })
    }
  })
})
