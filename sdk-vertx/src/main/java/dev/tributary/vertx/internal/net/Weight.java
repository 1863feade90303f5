package dev.tributary.vertx.internal.net;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/**
 * What an answer becomes once it is decoded, about: two bytes may be a whole object. Looked at before it is decoded, and only if it is large enough
 * to matter.
 */
public final class Weight {
  /** Answers up to this size are light, whatever they become. */
  private static final int LIGHT = 64 << 10;

  /** What a value takes besides its bytes, at least. */
  private static final int VALUE = 48;

  /** How many times the size that a client accepts it may become. */
  private static final int GROWTH = 4;

  private static final int DEPTH = 100;

  private Weight() {}

  /** The bytes it becomes if they are more than a client takes that accepts messages of {@code limit} bytes; else 0. */
  public static long excess(byte[] message, int offset, int length, Descriptor kind, int limit) {
    if (length <= LIGHT) {
      return 0;
    }
    long weight;
    try {
      weight = length + VALUE * fields(CodedInputStream.newInstance(message, offset, length), kind, DEPTH);
    } catch (IOException malformed) {
      return 0; // To be told by who decodes it.
    }
    return weight > (long) GROWTH * limit ? weight : 0;
  }

  private static long fields(CodedInputStream in, Descriptor kind, int depth) throws IOException {
    long count = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      count++;
      FieldDescriptor field = kind.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      boolean message = field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      if (message && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED && depth > 0) {
        int before = in.pushLimit(in.readRawVarint32());
        count += fields(in, field.getMessageType(), depth - 1);
        in.popLimit(before);
      } else if (!in.skipField(tag)) {
        return count;
      }
    }
    return count;
  }

  /** The same of a text of JSON. */
  public static long excess(Buffer json, int limit) {
    if (json.length() <= LIGHT) {
      return 0;
    }
    byte[] text = json.getBytes();
    long values = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length; i++) {
      byte c = text[i];
      if (c == '"') {
        quoted = !quoted;
      } else if (quoted) {
        i += c == '\\' ? 1 : 0;
      } else if (c == ',' || c == ':' || c == '{' || c == '[') {
        values++;
      }
    }
    long weight = text.length + VALUE * values;
    return weight > (long) GROWTH * limit ? weight : 0;
  }
}
