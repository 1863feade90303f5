package dev.tributary.codec.avro.records;

import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/** A record as Avro's compiler makes it. */
public final class User extends SpecificRecordBase {
  private static final long serialVersionUID = 1L;

  /** Avro looks for it by this name. */
  public static final Schema SCHEMA$ =
      new Schema.Parser()
          .parse(
              "{\"type\":\"record\",\"name\":\"User\",\"namespace\":\"dev.tributary.codec.avro.records\",\"fields\":["
                  + "{\"name\":\"name\",\"type\":\"string\"},{\"name\":\"age\",\"type\":\"int\"}]}");

  private CharSequence name;
  private int age;

  @Override
  public Schema getSchema() {
    return SCHEMA$;
  }

  @Override
  public Object get(int field) {
    return field == 0 ? name : age;
  }

  @Override
  public void put(int field, Object value) {
    if (field == 0) {
      name = (CharSequence) value;
    } else {
      age = (int) value;
    }
  }
}
