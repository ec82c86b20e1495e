/** Several processes that train one model: how they find each other, exchange tensors, and end. */
package io.adamant.parallel;
