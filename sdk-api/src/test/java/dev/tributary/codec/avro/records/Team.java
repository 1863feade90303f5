package dev.tributary.codec.avro.records;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/** A record with others in it, as Avro's compiler makes it. */
public final class Team extends SpecificRecordBase {
  private static final long serialVersionUID = 1L;

  /** Avro looks for it by this name. */
  public static final Schema SCHEMA$ =
      new Schema.Parser()
          .parse(
              "{\"type\":\"record\",\"name\":\"Team\",\"namespace\":\"dev.tributary.codec.avro.records\",\"fields\":[{\"name\":\"members\",\"type\":{\"type\":"
                  + "\"array\",\"items\":"
                  + User.SCHEMA$
                  + "}},{\"name\":\"motto\",\"type\":[\"null\",\"string\"]}]}");

  private List<?> members;
  private CharSequence motto;

  @Override
  public Schema getSchema() {
    return SCHEMA$;
  }

  @Override
  public Object get(int field) {
    return field == 0 ? members : motto;
  }

  @Override
  public void put(int field, Object value) {
    if (field == 0) {
      members = (List<?>) value;
    } else {
      motto = (CharSequence) value;
    }
  }
}
