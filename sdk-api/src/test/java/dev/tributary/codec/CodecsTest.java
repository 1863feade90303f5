package dev.tributary.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.InvalidRequestException;
import java.nio.charset.CharacterCodingException;
import java.security.GeneralSecurityException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodecsTest {
  private static final String HEX = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  private static final EncryptionKey KEY = EncryptionKey.parse(HEX);
  private static final String SEALED = "a0a1a2a3a4a5a6a7a8a9aaab" + "ae7d10412ae722f90e1cca8226" + "fda7cdbfd3f21f397b8aa85a4135457a";

  @Test
  void bytesAreNotCopied() throws Exception {
    byte[] bytes = {1, 2};
    assertThat(Codecs.bytes().encode(bytes)).isSameAs(bytes);
    assertThat(Codecs.bytes().decode(bytes)).isSameAs(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "smörgås \uD83D\uDE80"})
  void textIsUtf8(String text) throws Exception {
    assertThat(Codecs.text().encode(text)).isEqualTo(text.getBytes(UTF_8));
    assertThat(Codecs.text().decode(text.getBytes(UTF_8))).isEqualTo(text);
  }

  @Test
  void malformedTextIsAnError() {
    assertThatThrownBy(() -> Codecs.text().decode(new byte[] {'a', (byte) 0xff})).isInstanceOf(CharacterCodingException.class);
    assertThatThrownBy(() -> Codecs.text().encode("\uD83D")).isInstanceOf(CharacterCodingException.class);
  }

  @Test
  void twoFunctionsAreACodec() throws Exception {
    Codec<Integer> codec = Codecs.of(n -> new byte[] {n.byteValue()}, bytes -> (int) bytes[0]);
    assertThat(codec.decode(codec.encode(7))).isEqualTo(7);
  }

  @Test
  void theEncryptedFormatIsFlyMqs() throws Exception {
    byte[] sealed = HexFormat.of().parseHex(SEALED);
    assertThat(Codecs.encrypted(Codecs.text(), KEY).decode(sealed)).isEqualTo("Hello, FlyMQ!");
    assertThat(Codecs.encrypted(Codecs.text(), EncryptionKey.parse(HEX.toUpperCase(Locale.ROOT))).decode(sealed)).isEqualTo("Hello, FlyMQ!");
    EncryptedCodec<String> codec = new EncryptedCodec<>(Codecs.text(), KEY);
    assertThat(codec.seal(HexFormat.of().parseHex("a0a1a2a3a4a5a6a7a8a9aaab"), "Hello, FlyMQ!".getBytes(UTF_8))).isEqualTo(sealed);
  }

  @Test
  void everyValueHasANonceOfItsOwn() throws Exception {
    Codec<String> codec = Codecs.encrypted(Codecs.text(), KEY);
    Set<String> nonces = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      byte[] sealed = codec.encode("same");
      assertThat(sealed).hasSize(12 + 4 + 16);
      assertThat(codec.decode(sealed)).isEqualTo("same");
      nonces.add(HexFormat.of().formatHex(sealed, 0, 12));
    }
    assertThat(nonces).hasSize(1000);
  }

  @Test
  void anEmptyValueCanBeEncrypted() throws Exception {
    Codec<byte[]> codec = Codecs.encrypted(Codecs.bytes(), KEY);
    assertThat(codec.decode(codec.encode(new byte[0]))).isEmpty();
  }

  @Test
  void theWrongKeyIsSaid() throws Exception {
    byte[] sealed = Codecs.encrypted(Codecs.text(), KEY).encode("x");
    assertThatThrownBy(() -> Codecs.encrypted(Codecs.text(), EncryptionKey.generate()).decode(sealed))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageContaining("another key");
  }

  @Test
  void everyChangedBitIsNoticed() throws Exception {
    Codec<String> codec = Codecs.encrypted(Codecs.text(), KEY);
    byte[] sealed = codec.encode("x");
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> codec.decode(changed)).isInstanceOf(GeneralSecurityException.class);
    }
  }

  @Test
  void plainPayloadsAreRefused() {
    assertThatThrownBy(() -> Codecs.encrypted(Codecs.text(), KEY).decode("hello".getBytes(UTF_8)))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageContaining("published without encryption");
  }

  @Test
  void theKeyIsCopied() throws Exception {
    byte[] bytes = HexFormat.of().parseHex(HEX);
    EncryptionKey key = EncryptionKey.of(bytes);
    bytes[0] ^= 1;
    assertThat(key).isEqualTo(KEY);
    assertThat(Codecs.encrypted(Codecs.text(), key).decode(HexFormat.of().parseHex(SEALED))).isEqualTo("Hello, FlyMQ!");
  }

  @Test
  void aKeyIsMadeAndWrittenAndReadAgain() throws Exception {
    EncryptionKey key = EncryptionKey.generate();
    assertThat(key.hex()).matches("[0-9a-f]{64}");
    assertThat(EncryptionKey.parse(key.hex())).isEqualTo(key).hasSameHashCodeAs(key);
    assertThat(EncryptionKey.generate()).isNotEqualTo(key);
    byte[] sealed = Codecs.encrypted(Codecs.text(), key).encode("x");
    assertThat(Codecs.encrypted(Codecs.text(), EncryptionKey.parse(key.hex())).decode(sealed)).isEqualTo("x");
  }

  @Test
  void badKeysAreRefusedAndNoKeyIsShown() {
    for (String hex : new String[] {"", "abcd", HEX + "0", HEX + "00", HEX.replace('f', 'g')}) {
      assertThatThrownBy(() -> EncryptionKey.parse(hex))
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("64 hexadecimal digits")
          .hasMessageNotContaining("0102")
          .hasMessageNotContaining("abcd")
          .hasNoCause();
    }
    assertThatThrownBy(() -> EncryptionKey.of(new byte[16])).isInstanceOf(InvalidRequestException.class).hasMessageContaining("16 bytes");
    assertThat(KEY).hasToString("EncryptionKey[***]");
    assertThat(Codecs.encrypted(Codecs.text(), KEY).toString()).doesNotContain("0102");
  }
}
