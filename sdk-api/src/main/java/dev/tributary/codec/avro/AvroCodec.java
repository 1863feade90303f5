package dev.tributary.codec.avro;

import dev.tributary.codec.Codec;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.schema.SchemaFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaParseException;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records as Avro's binary encoding, without a schema or its number before them: who reads has to know with which schema they were written. That is
 * this codec's own, unless {@link #written} names another. Bytes behind the record are an error: they come of another schema.
 *
 * <p>A backend's schema is registered by {@link #definition}, and a registered one is used by {@link #of(dev.tributary.schema.Schema)}.
 */
@SuppressWarnings("exports") // whoever uses it has Avro; whoever does not need not
public final class AvroCodec<T> implements Codec<T> {
  private final Model<T> model;
  private final DatumWriter<T> writer;
  private final DatumReader<T> reader;

  private AvroCodec(Model<T> model, Schema written) {
    this.model = model;
    this.writer = model.writer();
    this.reader = model.reader(written);
  }

  /**
   * Records without a class, as this schema has them; their texts are {@code String}s.
   *
   * @throws InvalidRequestException if it is not that of a record
   */
  public static AvroCodec<GenericRecord> of(Schema schema) {
    if (schema.getType() != Schema.Type.RECORD) {
      throw InvalidRequestException.of(
          "the Avro schema is that of a " + schema.getType().getName() + " and not of a record", "Put the value into a record with one field");
    }
    return new AvroCodec<>(new Generic(schema), schema);
  }

  /**
   * Records without a class, as the schema of this definition has them; see {@link #of(Schema)}.
   *
   * @param definition the schema as JSON
   * @throws InvalidRequestException if it is no schema of a record
   */
  public static AvroCodec<GenericRecord> of(String definition) {
    return of(parsed(definition));
  }

  /**
   * Records without a class, as a registered schema has them; see {@link #of(Schema)}.
   *
   * @throws InvalidRequestException if it is no Avro schema of a record
   */
  public static AvroCodec<GenericRecord> of(dev.tributary.schema.Schema registered) {
    return of(parsed(registered));
  }

  /** Records of a class that Avro's compiler made. */
  public static <T extends SpecificRecord> AvroCodec<T> of(Class<T> type) {
    SpecificData data = new OwnClasses(type);
    Schema schema = data.getSchema(type);
    return new AvroCodec<>(new Specific<>(data, schema), schema);
  }

  /**
   * The same records, read from what was written with another schema: an earlier version, say. Writing does not change.
   *
   * @throws InvalidRequestException if what it writes can never be read as these records
   */
  public AvroCodec<T> written(Schema with) {
    SchemaCompatibility.SchemaPairCompatibility fit = SchemaCompatibility.checkReaderWriterCompatibility(model.schema(), with);
    if (fit.getType() != SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE) {
      throw InvalidRequestException.of("what is written with that Avro schema cannot be read: " + reason(fit), "Give a field that was added a default");
    }
    return new AvroCodec<>(model, with);
  }

  private static String reason(SchemaCompatibility.SchemaPairCompatibility fit) {
    return fit.getResult().getIncompatibilities().stream()
        .map(each -> each.getMessage() + " at " + each.getLocation())
        .collect(Collectors.joining(", "));
  }

  /** The same with a registered schema: see {@link #written(Schema)}. */
  public AvroCodec<T> written(dev.tributary.schema.Schema with) {
    return written(parsed(with));
  }

  /** The schema of these records as JSON, as backends register it. */
  public String definition() {
    return model.schema().toString();
  }

  @Override
  public byte[] encode(T value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    writer.write(value, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  @Override
  public T decode(byte[] bytes) throws IOException {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
    T value = reader.read(null, decoder);
    if (!decoder.isEnd()) {
      throw new IOException("there are bytes behind the record: it was written with another schema");
    }
    return value;
  }

  private static Schema parsed(dev.tributary.schema.Schema registered) {
    if (registered.format() != SchemaFormat.AVRO) {
      throw InvalidRequestException.of(
          "the schema " + registered.subject() + " is " + registered.format() + " and not AVRO", "Use the codec of its format");
    }
    return parsed(registered.definition());
  }

  private static Schema parsed(String definition) {
    try {
      return new Schema.Parser().parse(definition);
    } catch (SchemaParseException malformed) {
      throw new InvalidRequestException(
          ErrorInfo.of("the definition is no Avro schema: " + malformed.getMessage(), "Give the schema as JSON").causedBy(malformed));
    }
  }

  /** What records are in Java. */
  private interface Model<T> {
    Schema schema();

    DatumWriter<T> writer();

    /** Reads what was written with this schema. Throws if that cannot be done. */
    DatumReader<T> reader(Schema written);
  }

  private record Generic(Schema schema) implements Model<GenericRecord> {
    @Override
    public DatumWriter<GenericRecord> writer() {
      return new GenericDatumWriter<>(schema);
    }

    @Override
    public DatumReader<GenericRecord> reader(Schema written) {
      GenericData data = new GenericData();
      // The fast reader does not ask how texts are read.
      data.setFastReaderEnabled(false);
      return new GenericDatumReader<>(written, schema, data) {
        @Override
        protected Object readString(@Nullable Object old, Schema expected, Decoder from) throws IOException {
          return from.readString();
        }
      };
    }
  }

  private record Specific<T>(SpecificData data, Schema schema) implements Model<T> {
    @Override
    public DatumWriter<T> writer() {
      return new SpecificDatumWriter<>(schema, data);
    }

    @Override
    public DatumReader<T> reader(Schema written) {
      return new SpecificDatumReader<>(written, schema, data);
    }
  }
}
