package dev.tributary.vertx.internal.goqueue.wire;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.tributary.vertx.internal.envelope.Text;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A text as its bytes, in UTF-8; what is left out, or null, has none. The values of messages are this: they are most of what travels, and both
 * sides have them in bytes, so that none is made a {@code String} on its way.
 */
@JacksonAnnotationsInside
@JsonSerialize(using = Utf8.Written.class)
@JsonDeserialize(using = Utf8.Read.class)
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
@interface Utf8 {
  final class Written extends JsonSerializer<byte[]> {
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH = ONES << 7;

    @Override
    public void serialize(byte[] utf8, JsonGenerator json, SerializerProvider context) throws IOException {
      if (plain(utf8)) {
        json.writeRawUTF8String(utf8, 0, utf8.length);
      } else {
        json.writeUTF8String(utf8, 0, utf8.length);
      }
    }

    /** Whether nothing in it is escaped; looked at eight bytes at a time, since a value may be all that a message is. */
    private static boolean plain(byte[] utf8) {
      int at = 0;
      for (; at + Long.BYTES <= utf8.length; at += Long.BYTES) {
        long eight = (long) EIGHT.get(utf8, at);
        long quotes = eight ^ ONES * '"';
        long slashes = eight ^ ONES * '\\';
        if (((eight - ONES * ' ' & ~eight | quotes - ONES & ~quotes | slashes - ONES & ~slashes) & HIGH) != 0) {
          return false;
        }
      }
      for (; at < utf8.length; at++) {
        byte b = utf8[at];
        if (b >= 0 && b < ' ' || b == '"' || b == '\\') {
          return false;
        }
      }
      return true;
    }
  }

  final class Read extends JsonDeserializer<byte[]> {
    private static final byte[] NOTHING = {};

    @Override
    public byte[] deserialize(JsonParser json, DeserializationContext context) throws IOException {
      if (json.currentToken() != JsonToken.VALUE_STRING) {
        return (byte[]) context.handleUnexpectedToken(String.class, json);
      }
      char[] text = json.getTextCharacters();
      int begin = json.getTextOffset();
      byte[] ascii = new byte[json.getTextLength()];
      for (int i = 0; i < ascii.length; i++) {
        char c = text[begin + i];
        if (c >= 0x80) {
          return Text.whole(new String(text, begin, ascii.length)).getBytes(StandardCharsets.UTF_8);
        }
        ascii[i] = (byte) c;
      }
      return ascii;
    }

    @Override
    public byte[] getNullValue(DeserializationContext context) {
      return NOTHING;
    }
  }
}
