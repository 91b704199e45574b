import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { b2At } from '../../src/sources/storage/b2/index.ts'
import { Connections } from '../../src/sources/storage/connections.ts'
import { s3Via } from '../../src/sources/storage/s3/index.ts'
import { storageContract } from '../contracts/storage.contract.ts'
import { b2Account, b2Bucket, standInForB2 } from './b2-stand-in.ts'
import { account, bucket, mirror, serveS3 } from './s3.ts'
import { serveRclone, serveRest, serveRestOnSocket, serveTls } from './servers.ts'
import { type ServedSftp, serveRcloneSftp, serveSshd } from './sftp.ts'

storageContract({
  name: 'local',
  tellsTimes: true,
  serve: async (folder) => ({ url: folder, stop: async () => {} }),
})

storageContract({
  name: 'rest with rest-server',
  tellsTimes: false,
  async serve(folder) {
    const server = await serveRest(dirname(folder))
    return { url: `rest:http://127.0.0.1:${server.port}/repository`, stop: () => server[Symbol.asyncDispose]() }
  },
})

for (const version of ['1.60', '1.75'])
  storageContract({
    name: `rest with rclone ${version}`,
    tellsTimes: false,
    async serve(folder) {
      const server = await serveRclone(version, folder)
      return { url: `rest:http://127.0.0.1:${server.port}/`, stop: () => server[Symbol.asyncDispose]() }
    },
  })

storageContract({
  name: 'rest with rest-server, over shared connections',
  tellsTimes: false,
  many: 500,
  // Four of each type but packs and indexes, which share nothing.
  proves: 12,
  async serve(folder) {
    const server = await serveRest(dirname(folder))
    const connections = new Connections()
    return {
      url: `rest:http://127.0.0.1:${server.port}/repository`,
      connections,
      async stop() {
        await connections[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  },
})

storageContract({
  name: 'rest with rest-server, over shared connections of TLS with the certificate of a client',
  tellsTimes: false,
  // Four of each type but packs and indexes, which share nothing.
  proves: 12,
  many: 500,
  async serve(folder) {
    const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name)
    const server = await serveRest(dirname(folder))
    const tls = await serveTls(server.port, {
      key: readFileSync(fixture('server.key')),
      cert: readFileSync(fixture('server.pem')),
      ca: readFileSync(fixture('authority.pem')),
    })
    const connections = new Connections()
    return {
      url: `rest:https://localhost:${tls.port}/repository`,
      environment: { RESTIC_CACERT: fixture('authority.pem'), RESTIC_TLS_CLIENT_CERT: fixture('client.pem') },
      connections,
      async stop() {
        await connections[Symbol.asyncDispose]()
        await tls[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  },
})

storageContract({
  name: 'rest with rest-server, on a socket of this machine',
  tellsTimes: false,
  many: 500,
  async serve(folder) {
    const socketPath = join(dirname(folder), 'rest.sock')
    const server = await serveRestOnSocket(dirname(folder), socketPath)
    return { url: `rest:http+unix://${socketPath}:/repository/`, stop: () => server[Symbol.asyncDispose]() }
  },
})

for (const style of ['path', 'virtual host'] as const)
  storageContract({
    name: `s3 with s3rver, bucket by ${style}`,
    tellsTimes: true,
    // More than one page; once is enough, for the server is slow.
    many: style === 'path' ? 1_100 : 50,
    async serve(folder) {
      const stored = join(dirname(folder), 's3')
      mkdirSync(stored)
      // It gets the path of a bucket that stands in the host name wrong when it checks a signature.
      const server = await serveS3(stored, style !== 'path')
      const prefix = 'some/where'
      return {
        ...(style === 'path'
          ? {
              url: `s3:http://127.0.0.1:${server.port}/${bucket}/${prefix}/`,
              // The server cannot make the second page of the newer kind: its cipher left OpenSSL. s3.test.ts turns those.
              options: ['s3.list-objects-v1=true'],
            }
          : {
              url: `s3:http://s3.amazonaws.com/${bucket}/${prefix}`,
              backend: s3Via({ host: '127.0.0.1', port: server.port }),
            }),
        environment: account,
        changed: mirror(server.port, folder, prefix),
        stop: () => server[Symbol.asyncDispose](),
      }
    },
  })

const overSftp = (name: string, serve: (folder: string, keys: string) => Promise<ServedSftp>): void =>
  storageContract({
    name: `sftp with ${name}`,
    tellsTimes: true,
    many: 500,
    async serve(folder) {
      const server = await serve(folder, join(dirname(folder), 'keys'))
      return { ...server, stop: () => server[Symbol.asyncDispose]() }
    },
  })
overSftp('sshd', serveSshd)
overSftp('rclone', serveRcloneSftp)

storageContract({
  name: 'b2 with a stand-in',
  tellsTimes: true,
  many: 500,
  // Who we are, and which bucket is meant.
  opening: 2,
  async serve(folder) {
    const b2 = await standInForB2(folder, 'some/where')
    return {
      url: `b2:${b2Bucket}:some/where`,
      environment: b2Account,
      backend: b2At(b2.address),
      stop: () => b2[Symbol.asyncDispose](),
    }
  },
})
