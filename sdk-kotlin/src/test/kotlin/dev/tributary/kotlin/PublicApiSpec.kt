package dev.tributary.kotlin

import dev.tributary.testkit.api.ApiDump
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Path

/** The public API of this module is the committed one. */
class PublicApiSpec :
  FunSpec({
    test("the public API is the committed one") {
      // Surefire says where the module is.
      val module = Path.of(System.getProperty("basedir", "."))
      ApiDump.check(module.resolve("../docs/api/sdk-kotlin.txt"), Tributary::class.java)
    }

    test("a dump shows what comes after the helpers of default arguments, and not these") {
      val dump = ApiDump.of(Tributary::class.java)
      dump shouldContain "tls-impl("
      dump shouldContain "public static final void time-impl("
      dump shouldNotContain "\$default("
    }
  })
