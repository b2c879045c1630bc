# A formula for Homebrew: written by its documentation, and not run. ADDRESS and SHA256 are those of a release's source.
class Puppyslug < Formula
  desc "DeepDream as one native program"
  homepage "ADDRESS"
  url "ADDRESS/puppyslug-0.1.0.tar.gz"
  sha256 "SHA256"
  license all_of: [{ any_of: ["MIT", "Apache-2.0"] }, "CC-BY-4.0"]

  depends_on "rust" => :build

  def install
    system "cargo", "install", *std_cargo_args
    generate_completions_from_executable(bin/"puppyslug", "completions")
    (man1/"puppyslug.1").write Utils.safe_popen_read(bin/"puppyslug", "man")
  end

  test do
    system bin/"puppyslug", "dream", "--size", "64", "--iterations", "1", "--device", "cpu", "-o", "dream.png"
    assert_predicate testpath/"dream.png", :exist?
  end
end
