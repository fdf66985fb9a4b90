// The tracer every client here uses: endpoint, key, encoding and compression come from OpenTelemetry's own variables.
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

export async function tracerProvider(service, batch = 3) {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = process.env.OTEL_EXPORTER_OTLP_PROTOCOL === 'http/json'
    ? await import('@opentelemetry/exporter-trace-otlp-http')
    : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': '2.1.0', 'deployment.environment.name': 'stage' }),
    // Small batches: a trace arrives in several requests, its root last.
    spanProcessors: [new BatchSpanProcessor(new exporter.OTLPTraceExporter(), { maxExportBatchSize: batch })],
  });
}
