package io.adamant.data.parquet;

import io.adamant.base.InputException;
import io.adamant.data.TextColumn;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.DummyRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;

/** A text column of a Parquet file, of which one row group at a time is in memory, compressed. */
public final class ParquetColumn implements TextColumn {
  /** Bytes after the footer: its length and the magic number. */
  private static final int FOOTER_END = 8;

  private final Path path;
  private final ParquetFileReader file;
  private final MessageType schema;
  private final ColumnDescriptor column;
  private final long rows;
  private long row;
  private int group;
  private Optional<ColumnReader> reader = Optional.empty();
  private long leftInGroup;

  /**
   * Opens a column.
   *
   * @param path a Parquet file
   * @param name of the column, with dots into structs
   * @throws InputException if the file cannot be read as Parquet or has no such column of strings
   */
  public ParquetColumn(Path path, String name) {
    this.path = path;
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration())
            .usePageChecksumVerification(true)
            .withCodecFactory(new PageCodecs())
            .build();
    try {
      this.file = ParquetFileReader.open(new LocalInputFile(path), options);
    } catch (IOException | RuntimeException e) {
      throw new InputException(
          "%s is damaged Parquet: %s, in its footer, which ends at byte offset %s; fetch or write it again"
              .formatted(path, reason(e), path.toFile().length() - FOOTER_END),
          e);
    }
    try {
      this.schema = file.getFileMetaData().getSchema();
      this.rows = file.getRecordCount();
      this.column = column(name);
      requireCodecs(name);
      file.setRequestedSchema(List.of(column));
    } catch (InputException e) {
      closeQuietly();
      throw e;
    }
  }

  private ColumnDescriptor column(String name) {
    List<ColumnDescriptor> all = schema.getColumns();
    for (ColumnDescriptor each : all) {
      if (String.join(".", each.getPath()).equals(name)) {
        if (!isText(each)) {
          throw new InputException(
              "%s: column '%s' is %s; expected: a column of strings; columns there: %s"
                  .formatted(path, name, type(each), shown(all)));
        }
        return each;
      }
    }
    throw new InputException(
        "%s has no column '%s'; columns there: %s".formatted(path, name, shown(all)));
  }

  private void requireCodecs(String name) {
    for (BlockMetaData block : file.getRowGroups()) {
      for (ColumnChunkMetaData chunk : block.getColumns()) {
        if (chunk.getPath().toDotString().equals(name)
            && !PageCodecs.READ.contains(chunk.getCodec())) {
          throw new InputException(
              "%s: column '%s' is compressed by %s, which is not read; write it with one of %s"
                  .formatted(
                      path,
                      name,
                      chunk.getCodec(),
                      PageCodecs.READ.stream()
                          .map(CompressionCodecName::name)
                          .collect(Collectors.joining(", "))));
        }
      }
    }
  }

  private static boolean isText(ColumnDescriptor column) {
    return column.getMaxRepetitionLevel() == 0
        && column.getPrimitiveType().getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation;
  }

  private static String type(ColumnDescriptor column) {
    LogicalTypeAnnotation logical = column.getPrimitiveType().getLogicalTypeAnnotation();
    String name = column.getPrimitiveType().getPrimitiveTypeName().toString();
    String type = logical == null ? name : logical.toString();
    return (column.getMaxRepetitionLevel() > 0 ? "a list of " : "")
        + type.toLowerCase(java.util.Locale.ROOT);
  }

  private static String shown(List<ColumnDescriptor> columns) {
    return columns.stream()
        .map(each -> String.join(".", each.getPath()) + " (" + type(each) + ")")
        .collect(Collectors.joining(", "))
        .replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public boolean hasNext() {
    while (leftInGroup == 0) {
      if (group == file.getRowGroups().size()) {
        return false;
      }
      long start = file.getRowGroups().get(group).getStartingPos();
      try {
        PageReadStore pages = file.readNextRowGroup();
        if (pages == null) { // row groups without rows have been passed over
          group = file.getRowGroups().size();
          return false;
        }
        ColumnReader opened =
            new ColumnReadStoreImpl(
                    pages,
                    new DummyRecordConverter(schema).getRootConverter(),
                    schema,
                    file.getFileMetaData().getCreatedBy())
                .getColumnReader(column);
        reader = Optional.of(opened);
        leftInGroup = pages.getRowCount();
        group++;
      } catch (IOException | RuntimeException e) {
        throw damaged(group + 1, start, e);
      }
    }
    return true;
  }

  @Override
  public Optional<String> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    leftInGroup--;
    row++;
    ColumnReader values = reader.orElseThrow();
    try {
      Optional<String> text = Optional.empty();
      if (values.getCurrentDefinitionLevel() == column.getMaxDefinitionLevel()) {
        text =
            Optional.of(
                StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(values.getBinary().toByteBuffer())
                    .toString());
      }
      values.consume();
      return text;
    } catch (CharacterCodingException e) {
      throw new InputException(
          "%s row %s has bytes in column '%s' that are not UTF-8 text"
              .formatted(path, row, String.join(".", column.getPath())),
          e);
    } catch (RuntimeException e) {
      throw damaged(group, file.getRowGroups().get(group - 1).getStartingPos(), e);
    }
  }

  private InputException damaged(int number, long start, Exception e) {
    return new InputException(
        "%s is damaged Parquet: %s, in row group %s, which begins at byte offset %s, after row %s; fetch or write it again"
            .formatted(path, reason(e), number, start, row),
        e);
  }

  private static String reason(Exception e) {
    Throwable last = e;
    while (last.getCause() != null && last.getCause() != last) {
      last = last.getCause();
    }
    String said = last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
    return said.lines().findFirst().orElse("").strip();
  }

  @Override
  public double fraction() {
    return rows == 0 ? 1 : row / (double) rows;
  }

  private void closeQuietly() {
    try {
      file.close();
    } catch (IOException e) {
      // what was wrong before is what counts
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
