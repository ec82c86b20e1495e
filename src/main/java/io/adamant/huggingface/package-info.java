/**
 * Models in the layout of Hugging Face: {@code config.json}, {@code tokenizer.json} and safetensors
 * files of Llama, Mistral, Qwen2, Qwen3, GPT-2 and GPT-NeoX, read and written.
 */
package io.adamant.huggingface;
