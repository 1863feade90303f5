package dev.tributary.vertx.internal.flymq.shipped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.schema.SchemaFormat;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a public server may see. */
class BoundsTest {
  private static final String LIST =
      """
      {"type":"record","name":"a.Node","fields":[{"name":"value","type":"int"},{"name":"next","type":["null","Node"]}]}""";

  private static String wrong(SchemaFormat format, String definition, byte[] message) {
    try {
      Bounds.of(format, definition).check(message);
      return "";
    } catch (OutOfBounds error) {
      return error.text();
    }
  }

  private static String wrong(SchemaFormat format, String definition, String hex) {
    return wrong(format, definition, HexFormat.of().parseHex(hex == null ? "" : hex));
  }

  @Test
  void jsonDoesNoHarm() {
    assertThat(wrong(SchemaFormat.JSON, "{}", "ff")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, ''",
        "0801, ''",
        "120568656c6c6f, ''",
        "0d00000000, ''",
        "090000000000000000, ''",
        "0b08010c, ''",
        "0a00, ''",
        "0affffffffffffffffff01, where 0 are left",
        "0a8080808080808080800100, 9223372036854775808 bytes",
        "0a05616263, '5 bytes at byte 2, where 3 are left'",
        "08, within a number",
        "08ff, within a number",
        "08ffffffffffffffffffff01, more than 10 bytes",
        "0d000000, '4 bytes at byte 1, where 3 are left'",
        "0e, wire type 6",
      })
  void aMessageOfProtobufKeepsToItsLengths(String hex, String error) {
    String wrong = wrong(SchemaFormat.PROTOBUF, "", hex);
    assertThat(wrong).contains(error).matches(text -> text.isEmpty() == error.isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      delimiter = '|',
      value = {
        "\"null\"|none|''",
        "\"boolean\"|01|''",
        "\"long\"|feffffffffffffffff01|''",
        "\"string\"|0461|'2 bytes'",
        "\"string\"|046162|''",
        "\"bytes\"|01|'where 0 are left'",
        "{\"type\":\"float\"}|000000|'4 bytes'",
        "{\"type\":\"double\"}|0000000000000000|''",
        "{\"type\":{\"type\":\"int\",\"logicalType\":\"date\"}}|02|''",
        "{\"type\":\"fixed\",\"name\":\"f\",\"size\":3}|0102|'3 bytes'",
        "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\"]}|00|''",
        "[\"null\",\"int\"]|0202|''",
        "[\"null\",\"int\"]|0402|'branch 2 of a union of 2'",
        "[\"null\",\"int\"]|01|'branch -1 of a union of 2'",
        "{\"type\":\"array\",\"items\":\"int\"}|0402060000|''",
        "{\"type\":\"array\",\"items\":\"int\"}|0304020600|''",
        "{\"type\":\"array\",\"items\":\"int\"}|feffffffffffffffff01|'within a number'",
        "{\"type\":\"map\",\"values\":\"int\"}|020261020400|'within a number'",
        "{\"type\":\"map\",\"values\":\"int\"}|0202610200|''",
      })
  void aMessageOfAvroKeepsToItsLengthsAndCounts(String definition, String hex, String error) {
    String wrong = wrong(SchemaFormat.AVRO, definition, hex);
    assertThat(wrong).contains(error).matches(text -> text.isEmpty() == error.isEmpty());
  }

  @Test
  void aRecordMayContainItselfWhereThereIsAChoice() {
    assertThat(wrong(SchemaFormat.AVRO, LIST, "020204")).isEqualTo("it ends within a number");
    assertThat(wrong(SchemaFormat.AVRO, LIST, "02020400")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"r\",\"type\":\"R\"}]}",
        "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"n\",\"fields\":[{\"name\":\"s\",\"type\":"
            + "{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"r\",\"type\":\"n.R\"}]}}]}",
        "{\"type\":\"fixed\",\"name\":\"f\",\"size\":33554433}",
        "{\"type\":\"fixed\",\"name\":\"f\",\"size\":18446744073709551621}",
        "{\"type\":\"fixed\",\"name\":\"f\",\"size\":-1}",
        "{\"type\":\"fixed\",\"name\":\"f\"}",
        "{\"type\":\"fixed\",\"name\":\"f\",\"size\":\"9\"}",
        "{\"type\":\"nothing\"}",
        "{\"type\":\"array\"}",
        "{\"type\":\"record\",\"name\":\"R\"}",
        "{\"type\":\"record\",\"fields\":[]}",
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[7]}",
        "[\"int\",{\"type\":\"enum\",\"name\":\"e\"},{\"type\":\"enum\",\"name\":\"e\"}]",
        "{}",
        "string",
        "7",
        "null",
        "",
      })
  void definitionsThatDoHarmAreRefused(String definition) {
    assertThatThrownBy(() -> Bounds.of(SchemaFormat.AVRO, definition))
        .isInstanceOfSatisfying(SchemaRejectedException.class, rejected -> assertThat(rejected.errors()).hasSize(1));
  }

  @Test
  void aDefinitionHasAnEnd() {
    String deep = "{\"type\":".repeat(200) + "\"int\"" + "}".repeat(200);
    assertThatThrownBy(() -> Bounds.of(SchemaFormat.AVRO, deep)).isInstanceOf(SchemaRejectedException.class);
  }

  /** Whatever they say, none takes long, and none goes too deep. */
  @Test
  void lookingThroughAMessageHasAnEnd() {
    String nothings = "{\"type\":\"array\",\"items\":\"null\"}";
    assertThat(wrong(SchemaFormat.AVRO, nothings, "d00f00")).isEmpty();
    assertThatThrownBy(() -> wrong(SchemaFormat.AVRO, nothings, "feffffffffffffffff0100")).isInstanceOf(UnsupportedFeatureException.class);
    assertThatThrownBy(() -> wrong(SchemaFormat.AVRO, nothings, "ffffffffffffffffff01" + "0000")).isInstanceOf(UnsupportedFeatureException.class);
    byte[] chain = new byte[100_000];
    Arrays.fill(chain, (byte) 2);
    assertThatThrownBy(() -> wrong(SchemaFormat.AVRO, LIST, chain)).isInstanceOf(UnsupportedFeatureException.class);
    byte[] fields = new byte[3_000_000];
    Arrays.fill(fields, (byte) 8);
    assertThatThrownBy(() -> wrong(SchemaFormat.PROTOBUF, "", fields)).isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void nothingIsReadBehindTheEnd() {
    Random random = new Random(7);
    String definition = "{\"type\":\"array\",\"items\":[" + LIST + ",{\"type\":\"map\",\"values\":\"bytes\"},\"a.Node\",\"double\"]}";
    for (int i = 0; i < 20_000; i++) {
      byte[] message = new byte[random.nextInt(40)];
      for (int at = 0; at < message.length; at++) {
        message[at] = (byte) (random.nextBoolean() ? random.nextInt(8) : random.nextInt());
      }
      assertThat(wrong(SchemaFormat.AVRO, definition, message)).isNotNull();
      assertThat(wrong(SchemaFormat.PROTOBUF, "", message)).isNotNull();
    }
  }
}
