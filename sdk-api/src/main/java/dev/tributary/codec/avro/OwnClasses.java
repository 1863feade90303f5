package dev.tributary.codec.avro;

import java.util.HashSet;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.jspecify.annotations.Nullable;

/**
 * The classes that a class's own schema names. Whoever names the class trusts these: Avro would have each named in a system property besides. Those of
 * other schemas stay Avro's to judge.
 */
final class OwnClasses extends SpecificData {
  private final Set<String> names = new HashSet<>();

  /** With what the class's own model knows of logical types. */
  OwnClasses(Class<?> type) {
    super(type.getClassLoader());
    SpecificData model = SpecificData.getForClass(type);
    model.getConversions().forEach(this::addLogicalTypeConversion);
    trust(model.getSchema(type));
  }

  private void trust(Schema schema) {
    switch (schema.getType()) {
      case RECORD -> {
        if (names.add(getClassName(schema))) {
          schema.getFields().forEach(field -> trust(field.schema()));
        }
      }
      case ENUM, FIXED -> names.add(getClassName(schema));
      case ARRAY -> trust(schema.getElementType());
      case MAP -> trust(schema.getValueType());
      case UNION -> schema.getTypes().forEach(this::trust);
      default -> {}
    }
  }

  @Override
  @SuppressWarnings("rawtypes") // as Avro has it
  public @Nullable Class getClass(Schema schema) {
    boolean named = schema.getType() == Schema.Type.RECORD || schema.getType() == Schema.Type.ENUM || schema.getType() == Schema.Type.FIXED;
    if (!named || !names.contains(getClassName(schema))) {
      return super.getClass(schema);
    }
    try {
      return Class.forName(getClassName(schema), false, getClassLoader());
    } catch (ClassNotFoundException missing) {
      return null;
    }
  }
}
