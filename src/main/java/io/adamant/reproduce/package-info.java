/** Published claims: their margins, the runs that test them, and verdicts computed by code. */
package io.adamant.reproduce;
