// The Vercel AI SDK with its mock model: one question, one tool call, one answer. Argument: 6 (attributes of its own) or
// 7 (GenAI conventions). Prints the trace id.
import { z } from 'zod';
import { tracerProvider } from './provider.mjs';

const version = process.argv[2];
const provider = await tracerProvider('vercel-app', 2);
const tracer = provider.getTracer('test');
const seen = [];

function watched(inner) {
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'startSpan') return (...args) => remember(target.startSpan(...args));
      if (name === 'startActiveSpan') {
        return (...args) => {
          const run = args.pop();
          return target.startActiveSpan(...args, (span) => run(remember(span)));
        };
      }
      return Reflect.get(target, name);
    },
  });
}

function remember(span) {
  seen.push(span.spanContext().traceId);
  return span;
}

const ai = await import(version === '7' ? 'ai7' : 'ai');
const { MockLanguageModelV3, MockLanguageModelV4 } = await import(version === '7' ? 'ai7/test' : 'ai/test');
const Model = version === '7' ? MockLanguageModelV4 : MockLanguageModelV3;
const usage = (input, output) => ({ inputTokens: { total: input, noCache: input }, outputTokens: { total: output, text: output } });
const answers = [
  { content: [{ type: 'tool-call', toolCallId: 'call-1', toolName: 'weather', input: '{"city":"Lima"}' }], finishReason: { unified: 'tool-calls' }, usage: usage(30, 9), warnings: [] },
  { content: [{ type: 'text', text: 'Sunny in Lima.' }], finishReason: { unified: 'stop' }, usage: usage(50, 6), warnings: [] },
];
const model = new Model({ modelId: 'mock-1', provider: 'mock', doGenerate: async () => answers.shift() });
const telemetry = { isEnabled: true, functionId: 'weather-agent', metadata: { userId: 'ada', sessionId: 'chat-9' }, tracer: watched(tracer) };
if (version === '7') {
  const { OpenTelemetry } = await import('@ai-sdk/otel');
  ai.registerTelemetry(new OpenTelemetry({ tracer: watched(tracer) }));
}

const result = await ai.generateText({
  model,
  prompt: 'Weather in Lima?',
  stopWhen: ai.stepCountIs?.(4) ?? ai.isStepCount(4),
  tools: { weather: ai.tool({ description: 'Tells the weather', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => ({ city, sky: 'clear' }) }) },
  ...(version === '7' ? { telemetry } : { experimental_telemetry: telemetry }),
});
if (result.text !== 'Sunny in Lima.') throw new Error(`The mock said ${result.text}`);
await provider.shutdown();
console.log(seen[0]);
