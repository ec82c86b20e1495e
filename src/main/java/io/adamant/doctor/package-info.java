/** What this machine offers for training, and what it lacks. */
package io.adamant.doctor;
