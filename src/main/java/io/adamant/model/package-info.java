/** The GPT as DJL blocks, and a reference of it in plain NDArray operations. */
package io.adamant.model;
