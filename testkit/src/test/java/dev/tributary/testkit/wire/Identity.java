package dev.tributary.testkit.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A key and its certificate, signed by itself, so that it is its own authority, or by another.
 *
 * @param certificate PEM file
 * @param key PEM file
 */
public record Identity(Path certificate, Path key) {
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** Makes one in this directory, with the JDK's own tool. */
  public static Identity create(Path directory, String name, String subjectAlternatives) throws IOException, GeneralSecurityException, InterruptedException {
    return make(directory, name, name, "-ext", "san=" + subjectAlternatives, "-validity", "2");
  }

  /** Makes one that may sign others: see {@link #signed}. */
  public static Identity authority(Path directory, String name) throws IOException, GeneralSecurityException, InterruptedException {
    return make(directory, name, name, "-ext", "bc:c", "-validity", "2");
  }

  /**
   * Makes one that is signed by such an authority in the same directory.
   *
   * @param from when it begins to be valid, as {@code keytool -startdate} has it
   * @param days how long it is valid then
   */
  public static Identity signed(Path directory, String authority, String name, String subjectAlternatives, String from, int days)
      throws IOException, GeneralSecurityException, InterruptedException {
    return make(
        directory, authority, name, "-ext", "san=" + subjectAlternatives, "-startdate", from, "-validity", Integer.toString(days), "-signer", authority);
  }

  private static Identity make(Path directory, String keeper, String name, String... more)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = directory.resolve(keeper + ".p12");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", name, "-dname", "CN=" + name, "-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", new String(PASSWORD)));
    command.addAll(List.of(more));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes());
    if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      throw new IOException("keytool: " + said);
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    return new Identity(
        pem(directory.resolve(name + ".crt"), "CERTIFICATE", keys.getCertificate(name).getEncoded()),
        pem(directory.resolve(name + ".key"), "PRIVATE KEY", keys.getKey(name, PASSWORD).getEncoded()));
  }

  private static Path pem(Path file, String kind, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }
}
