package io.adamant.huggingface;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.ModelConfig;
import io.adamant.model.ModelSize;
import io.adamant.tensor.Autograd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which rows of which tensor of a file are which rows of which tensor of ours, for one model: read
 * in the one direction when a model is imported, in the other when it is exported.
 */
final class TensorTable {

  /** Some rows there and here. */
  record Rows(long foreign, long own, long count) {}

  /**
   * A tensor of a file; all of it is part of one of ours.
   *
   * @param foreign its name
   * @param shape in the file
   * @param own the name of ours
   * @param transposed whether the file has (in, out)
   * @param rows which of its rows, transposed if need be, are which of ours; in the order of the
   *     file
   */
  record Tensor(String foreign, Shape shape, String own, boolean transposed, List<Rows> rows) {

    /** Values of a row. */
    private long width() {
      return shape.dimension() == 1 ? 1 : transposed ? shape.get(0) : shape.get(1);
    }

    /** Copies what a source has into its place in our tensor, whose last rows may be missing. */
    void read(NDArray own, Reader source) throws IOException {
      try (NDManager scope = own.getManager().newSubManager();
          Autograd.Mode off = Autograd.noGrad()) {
        if (transposed) {
          NDArray whole = scope.create(shape, own.getDataType());
          source.copy(foreign, 0, whole);
          NDArray turned = whole.transpose();
          turned.attach(scope);
          Autograd.copy(turned, own);
          return;
        }
        NDArray flat = own.reshape(own.size());
        flat.attach(scope);
        for (Rows part : rows) {
          long from = part.own() * width();
          long to = Math.min(from + part.count() * width(), own.size());
          NDArray target = flat.get(new NDIndex("{}:{}", from, to));
          target.attach(scope);
          source.copy(foreign, part.foreign() * width(), target);
        }
      }
    }

    /** Its values, from those of ours. */
    NDArray write(NDArray own, NDManager scope) {
      if (transposed) {
        NDArray turned = own.transpose();
        turned.attach(scope);
        NDArray copy = turned.duplicate();
        copy.attach(scope);
        return copy;
      }
      NDList parts = new NDList();
      for (Rows part : rows) {
        NDArray slice = own.get(new NDIndex("{}:{}", part.own(), part.own() + part.count()));
        slice.attach(scope);
        parts.add(slice);
      }
      NDArray whole = parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
      whole.attach(scope);
      return whole;
    }
  }

  /** Where values come from. */
  interface Reader {
    /** Copies values of a tensor, from the given one on, into an array. */
    void copy(String foreign, long first, NDArray to) throws IOException;
  }

  /** How a tensor of ours lies in a file. */
  private record Place(String own, List<Piece> pieces) {}

  private record Piece(String foreign, boolean transposed, List<Rows> rows) {}

  /** The names of a layout, for all tensors that a model of it may have. */
  static final class Names {
    private final String prefix;
    private final List<Place> places = new ArrayList<>();

    Names(String prefix) {
      this.prefix = prefix;
    }

    private void whole(String foreign, String own) {
      places.add(new Place(own, List.of(new Piece(foreign, false, List.of()))));
    }

    private void transposed(String foreign, String own) {
      places.add(new Place(own, List.of(new Piece(foreign, true, List.of()))));
    }

    /** A weight or gain and, where there is one, the bias. */
    private void withBias(String foreign, String own, String bias) {
      whole(foreign + ".weight", own);
      whole(foreign + ".bias", bias);
    }

    private void norm(String foreign, String own) {
      withBias(foreign, own + ".gain", own + ".bias");
    }

    /** One after the other, in tensors of their own. */
    private void split(String own, String pattern, Map<String, Long> parts) {
      List<Piece> pieces = new ArrayList<>();
      long start = 0;
      for (Map.Entry<String, Long> part : parts.entrySet()) {
        Rows rows = new Rows(0, start, part.getValue());
        pieces.add(new Piece(pattern.formatted(part.getKey()), false, List.of(rows)));
        start += part.getValue();
      }
      places.add(new Place(own, pieces));
    }
  }

  private final String prefix;
  private final List<Tensor> tensors = new ArrayList<>();

  TensorTable(Names names, ModelConfig config, int rows) {
    prefix = names.prefix;
    Map<String, Shape> shapes = new ModelSize(config, rows).shapes();
    for (Place place : names.places) {
      Shape shape = shapes.get(place.own());
      if (shape != null) {
        place.pieces().forEach(piece -> tensors.add(tensor(place.own(), shape, piece)));
      }
    }
  }

  private static Tensor tensor(String own, Shape shape, Piece piece) {
    List<Rows> rows = piece.rows().isEmpty() ? List.of(new Rows(0, 0, shape.get(0))) : piece.rows();
    long count = rows.stream().mapToLong(Rows::count).sum();
    Shape foreign =
        shape.dimension() == 1
            ? new Shape(count)
            : piece.transposed() ? new Shape(shape.get(1), count) : new Shape(count, shape.get(1));
    return new Tensor(piece.foreign(), foreign, own, piece.transposed(), rows);
  }

  /** All tensors, in our order. */
  List<Tensor> tensors() {
    return tensors;
  }

  /** What the names of all but the output layer begin with; some files lack it. */
  String prefix() {
    return prefix;
  }

  static Names llama(ModelConfig config) {
    Names names = new Names("model.");
    long d = config.headSize();
    Map<String, Long> heads = new LinkedHashMap<>();
    heads.put("q", config.heads() * d);
    heads.put("k", config.keyHeads() * d);
    heads.put("v", config.keyHeads() * d);
    Map<String, Long> gateAndUp = new LinkedHashMap<>();
    gateAndUp.put("gate", (long) config.mlpHidden());
    gateAndUp.put("up", (long) config.mlpHidden());
    names.whole("model.embed_tokens.weight", "embedding.weight");
    for (int i = 0; i < config.layers(); i++) {
      String from = "model.layers." + i + ".";
      String to = "layers." + i + ".";
      names.norm(from + "input_layernorm", to + "attention_norm");
      names.split(to + "attention.qkv", from + "self_attn.%s_proj.weight", heads);
      names.split(to + "attention.qkv_bias", from + "self_attn.%s_proj.bias", heads);
      names.whole(from + "self_attn.q_norm.weight", to + "attention.q_norm.gain");
      names.whole(from + "self_attn.k_norm.weight", to + "attention.k_norm.gain");
      names.withBias(from + "self_attn.o_proj", to + "attention.out", to + "attention.out_bias");
      names.norm(from + "post_attention_layernorm", to + "mlp_norm");
      names.split(to + "mlp.up", from + "mlp.%s_proj.weight", gateAndUp);
      names.split(to + "mlp.up_bias", from + "mlp.%s_proj.bias", gateAndUp);
      names.withBias(from + "mlp.down_proj", to + "mlp.down", to + "mlp.down_bias");
    }
    names.norm("model.norm", "final_norm");
    names.whole("lm_head.weight", "head.weight");
    return names;
  }

  static Names gpt2(ModelConfig config) {
    Names names = new Names("transformer.");
    names.whole("transformer.wte.weight", "embedding.weight");
    names.whole("transformer.wpe.weight", "positions.weight");
    for (int i = 0; i < config.layers(); i++) {
      String from = "transformer.h." + i + ".";
      String to = "layers." + i + ".";
      names.norm(from + "ln_1", to + "attention_norm");
      names.transposed(from + "attn.c_attn.weight", to + "attention.qkv");
      names.whole(from + "attn.c_attn.bias", to + "attention.qkv_bias");
      names.transposed(from + "attn.c_proj.weight", to + "attention.out");
      names.whole(from + "attn.c_proj.bias", to + "attention.out_bias");
      names.norm(from + "ln_2", to + "mlp_norm");
      names.transposed(from + "mlp.c_fc.weight", to + "mlp.up");
      names.whole(from + "mlp.c_fc.bias", to + "mlp.up_bias");
      names.transposed(from + "mlp.c_proj.weight", to + "mlp.down");
      names.whole(from + "mlp.c_proj.bias", to + "mlp.down_bias");
    }
    names.norm("transformer.ln_f", "final_norm");
    names.whole("lm_head.weight", "head.weight");
    return names;
  }

  /** Query, key and value of the first head, then those of the second. */
  static Names neox(ModelConfig config) {
    Names names = new Names("gpt_neox.");
    long d = config.headSize();
    List<Rows> byHead = new ArrayList<>();
    for (long i = 0; i < 3L * config.heads(); i++) {
      byHead.add(new Rows(i * d, (i % 3 * config.heads() + i / 3) * d, d));
    }
    names.whole("gpt_neox.embed_in.weight", "embedding.weight");
    for (int i = 0; i < config.layers(); i++) {
      String from = "gpt_neox.layers." + i + ".";
      String to = "layers." + i + ".";
      names.norm(from + "input_layernorm", to + "attention_norm");
      String qkv = from + "attention.query_key_value.";
      names.places.add(
          new Place(to + "attention.qkv", List.of(new Piece(qkv + "weight", false, byHead))));
      names.places.add(
          new Place(to + "attention.qkv_bias", List.of(new Piece(qkv + "bias", false, byHead))));
      names.withBias(from + "attention.dense", to + "attention.out", to + "attention.out_bias");
      names.norm(from + "post_attention_layernorm", to + "mlp_norm");
      names.withBias(from + "mlp.dense_h_to_4h", to + "mlp.up", to + "mlp.up_bias");
      names.withBias(from + "mlp.dense_4h_to_h", to + "mlp.down", to + "mlp.down_bias");
    }
    names.norm("gpt_neox.final_layer_norm", "final_norm");
    names.whole("embed_out.weight", "head.weight");
    return names;
  }
}
