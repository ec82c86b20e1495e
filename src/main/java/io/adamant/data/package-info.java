/** Corpus sources, tokenizers, the memory-mapped token store and batches. */
package io.adamant.data;
