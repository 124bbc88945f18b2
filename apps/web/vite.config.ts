import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compression } from 'vite-plugin-compression2';

const api = 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [
    react(),
    // Once, as small as can be, rather than at every request: the API serves the files beside each asset.
    compression({
      include: /\.(js|css|svg|html)$/,
      algorithms: ['gzip', 'brotliCompress'],
      threshold: 1024,
      skipIfLargerOrEqual: true,
      logLevel: 'silent',
    }),
  ],
  base: '/',
  // The one large chunk is ECharts, which loads only when a chart is looked at.
  build: { target: 'es2023', outDir: 'dist', emptyOutDir: true, chunkSizeWarningLimit: 600 },
  server: {
    proxy: {
      '/api': api,
      '/docs': api,
      '/openapi.json': api,
      '/admin': api,
      '/socket.io': { target: api, ws: true },
    },
  },
});
