/**
 * The wire format of OpenAI's chat completions, which vLLM, Ollama, llama.cpp and most gateways speak as well: how a request is
 * written, how a stream of chunks is read, what an error means.
 *
 * <p>Pure: bytes in, bytes out. Who carries them is none of its business.
 */
@NullMarked
package dev.noesis.llm.openai;

import org.jspecify.annotations.NullMarked;
