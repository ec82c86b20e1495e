/**
 * What every package may use: the complaint about bad input, files, hashes, JSON, numbers and words
 * for people. It depends on nothing of Adamant.
 */
package io.adamant.base;
