/** What a trained model is used for: sampling texts, evaluating it, a translator for DJL. */
package io.adamant.inference;
