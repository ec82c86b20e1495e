/** TorchScript archives and typed kernel calls: the only room that touches the PyTorch engine. */
package io.adamant.tensor;
