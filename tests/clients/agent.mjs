// An agent run with a model call, a tool that works and one that fails, as the GenAI conventions describe it. Prints the trace id.
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { LoggerProvider, BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { tracerProvider } from './provider.mjs';

// Every span begins in a millisecond of its own, so that their order is known.
const tick = () => new Promise((done) => setTimeout(done, 3));
const provider = await tracerProvider('travel-desk');
const logs = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })] });
const tracer = provider.getTracer('agent', '1.0.0');
const logger = logs.getLogger('agent');

const agent = tracer.startSpan('invoke_agent Travel', {
  attributes: {
    'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Travel', 'gen_ai.conversation.id': 'conv-7', 'user.id': 'ada',
    'gen_ai.usage.input_tokens': 150, 'gen_ai.usage.output_tokens': 40,
    'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: '¿Qué tiempo hace en Lima?' }] }]),
  },
});
const within = trace.setSpan(context.active(), agent);

await tick();
const chat = tracer.startSpan('chat gpt-4o', {
  kind: SpanKind.CLIENT,
  attributes: {
    'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o', 'gen_ai.request.temperature': 0.5,
    'gen_ai.usage.input_tokens': 150, 'gen_ai.usage.output_tokens': 40, 'gen_ai.response.finish_reasons': ['tool_call'],
  },
}, within);
const inChat = trace.setSpan(within, chat);
logger.emit({ context: inChat, eventName: 'gen_ai.user.message', severityNumber: SeverityNumber.INFO, body: { content: '¿Qué tiempo hace en Lima?' } });
logger.emit({ context: inChat, eventName: 'gen_ai.choice', severityNumber: SeverityNumber.INFO, body: { index: 0, finish_reason: 'tool_call', message: { content: 'Miro.' } } });
chat.end();

await tick();
const tool = tracer.startSpan('execute_tool weather', {
  attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'weather', 'gen_ai.tool.call.arguments': '{"city":"Lima"}', 'gen_ai.tool.call.result': '{"sky":"clear"}' },
}, within);
tool.end();

await tick();
const failing = tracer.startSpan('execute_tool booking', { attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'booking' } }, within);
const error = new TypeError('no seats left');
failing.recordException(error);
failing.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
logger.emit({ context: trace.setSpan(within, failing), severityNumber: SeverityNumber.ERROR, body: 'booking failed', attributes: { seats: 0 } });
failing.end();

agent.setStatus({ code: SpanStatusCode.ERROR, message: 'could not book' });
agent.end();
await Promise.all([provider.shutdown(), logs.shutdown()]);
console.log(agent.spanContext().traceId);
