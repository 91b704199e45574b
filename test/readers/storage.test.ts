import { dirname } from 'node:path'
import { storageContract } from '../contracts/storage.contract.ts'
import { serveRclone, serveRest } from './servers.ts'

storageContract({
  name: 'local',
  serve: async (folder) => ({ url: folder, stop: async () => {} }),
})

storageContract({
  name: 'rest with rest-server',
  async serve(folder) {
    const server = await serveRest(dirname(folder))
    return { url: `rest:http://127.0.0.1:${server.port}/repository`, stop: () => server[Symbol.asyncDispose]() }
  },
})

// The older one is fetched when named: node scripts/bootstrap.mjs tools get rclone-1.60
for (const version of (process.env.MUSTER_DEEP ?? '') === '' ? ['1.75'] : ['1.60', '1.75'])
  storageContract({
    name: `rest with rclone ${version}`,
    async serve(folder) {
      const server = await serveRclone(version, folder)
      return { url: `rest:http://127.0.0.1:${server.port}/`, stop: () => server[Symbol.asyncDispose]() }
    },
  })
